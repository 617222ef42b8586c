// Whether long work is to end early. Work asks now and then; whoever called for it answers. What work has written by then is of no
// use to anyone.
#pragma once

#include <cstddef>
#include <exception>

namespace nanotilt {

/// Work that nobody stops; others derive from it.
class Stop {
   public:
    Stop() = default;
    Stop(const Stop&) = delete;
    Stop& operator=(const Stop&) = delete;
    virtual ~Stop();

    /// Whether to end now. May be asked from any thread that works; once true, it stays true.
    [[nodiscard]] virtual bool wanted() const noexcept;
};

/// What callers name who never stop their work.
extern const Stop never;

/// Thrown where work on the calling thread alone was stopped; parallel work just returns.
struct Stopped : std::exception {
    [[nodiscard]] const char* what() const noexcept override;
};

/// Asks a Stop after every so many steps of work of a nanosecond or so, so that loops of short steps may count them one by one.
/// Each thread has its own. Inlined by force, because kernels are compiled for several processors and the linker must not mix them.
class StopPoints {
   public:
    [[gnu::always_inline]] explicit StopPoints(const Stop& stop) : stop_(stop) {}

    /// Counts steps; whether to end now.
    [[gnu::always_inline]] bool stop_after(std::ptrdiff_t steps) {
        left_ -= steps;
        return left_ < 0 && ask();
    }

   private:
    bool ask() noexcept;

    static constexpr std::ptrdiff_t steps_between = std::ptrdiff_t{1} << 17;

    const Stop& stop_;
    std::ptrdiff_t left_ = steps_between;
};

}  // namespace nanotilt
