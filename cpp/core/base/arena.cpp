#include "arena.hpp"

#include <new>

namespace nanotilt {
namespace {

// No address space is larger, and as much for each of 2^15 threads can still be counted.
constexpr std::size_t most_bytes = std::size_t{1} << 47;

}  // namespace

std::ptrdiff_t Arena::product(std::ptrdiff_t rows, std::ptrdiff_t columns) {
    if (rows < 0 || columns < 0 ||
        (columns > 0 && static_cast<std::size_t>(rows) > most_bytes / static_cast<std::size_t>(columns))) {
        throw std::bad_alloc();
    }
    return rows * columns;
}

std::byte* Arena::take_bytes(std::ptrdiff_t count, std::ptrdiff_t margin, std::size_t size) {
    const std::size_t most = most_bytes / size;
    if (count < 0 || margin < 0 || static_cast<std::size_t>(count) > most || static_cast<std::size_t>(margin) > most) {
        throw std::bad_alloc();
    }
    const std::size_t bytes = (static_cast<std::size_t>(count) + 2 * static_cast<std::size_t>(margin)) * size;
    const std::size_t whole = (bytes + alignment - 1) / alignment * alignment;
    if (whole > most_bytes - taken_) {
        throw std::bad_alloc();
    }
    std::byte* piece = block_ == nullptr ? nullptr : block_ + taken_;
    taken_ += whole;
    return piece;
}

}  // namespace nanotilt
