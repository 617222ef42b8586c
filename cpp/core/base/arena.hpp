// Scratch memory: one list says how much is needed and where each piece lies.
//
// What works in scratch memory has one function that takes its pieces, one after the other, from an Arena. Run without memory, the
// function measures; run on a thread's block, it hands out. Sizes and places come from the same lines and cannot disagree.
#pragma once

#include <cstddef>
#include <type_traits>

namespace nanotilt {

class Arena {
   public:
    /// Pieces start at multiples of this, in bytes: at a whole vector of the longest kind, and at a cache line.
    static constexpr std::size_t alignment = 64;

    /// Measures: pieces are null.
    Arena() = default;

    /// Hands out a block that starts at a multiple of `alignment` and holds as much as was measured.
    explicit Arena(float* block) : block_(reinterpret_cast<std::byte*>(block)) {}

    /// Room for `count` numbers or plain structs. Throws std::bad_alloc, and does so when measuring, if no memory is as large.
    template <class T>
    [[nodiscard]] T* take(std::ptrdiff_t count) {
        return take_inside<T>(0, count);
    }

    /// Room for `rows` times `columns`.
    template <class T>
    [[nodiscard]] T* take(std::ptrdiff_t rows, std::ptrdiff_t columns) {
        return take<T>(product(rows, columns));
    }

    /// Room for `count`, and for `margin` before the first and behind the last.
    template <class T>
    [[nodiscard]] T* take_inside(std::ptrdiff_t margin, std::ptrdiff_t count) {
        static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T> && alignof(T) <= alignment);
        std::byte* piece = take_bytes(count, margin, sizeof(T));
        return piece == nullptr ? nullptr : reinterpret_cast<T*>(piece) + margin;
    }

    /// What all pieces together take, in floats.
    [[nodiscard]] std::size_t floats() const { return taken_ / sizeof(float); }

   private:
    static std::ptrdiff_t product(std::ptrdiff_t rows, std::ptrdiff_t columns);
    std::byte* take_bytes(std::ptrdiff_t count, std::ptrdiff_t margin, std::size_t size);

    std::byte* block_ = nullptr;
    std::size_t taken_ = 0;
};

/// Floats of scratch that the pieces take which `list(arena)` takes.
template <class List>
std::size_t floats_of(const List& list) {
    Arena arena;
    (void)list(arena);
    return arena.floats();
}

}  // namespace nanotilt
