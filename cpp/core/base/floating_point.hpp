// IEEE arithmetic whatever the caller has set.
#pragma once

#if defined(__SSE__) || defined(_M_X64)
#include <xmmintrin.h>
#define NANOTILT_HAS_MXCSR 1
#endif

namespace nanotilt {

/// How this thread rounds and treats subnormal numbers, as the processor keeps it.
#ifdef NANOTILT_HAS_MXCSR
inline constexpr unsigned long ieee_mode = 0x1F80;
inline unsigned long arithmetic_mode() {
    return _mm_getcsr();
}
inline void set_arithmetic_mode(unsigned long mode) {
    _mm_setcsr(static_cast<unsigned>(mode));
}
#elif defined(__aarch64__)
inline constexpr unsigned long ieee_mode = 0;
inline unsigned long arithmetic_mode() {
    unsigned long mode = 0;
    asm volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
}
inline void set_arithmetic_mode(unsigned long mode) {
    asm volatile("msr fpcr, %0" ::"r"(mode));
}
#else
inline constexpr unsigned long ieee_mode = 0;
inline unsigned long arithmetic_mode() {
    return ieee_mode;
}
inline void set_arithmetic_mode(unsigned long) {}
#endif

/// Rounds to nearest and keeps subnormal numbers for as long as it lives. TensorFlow flushes subnormals to zero in its worker
/// threads, which would make a sample's bits depend on the route it is drawn by.
class IeeeMode {
   public:
    IeeeMode() : saved_(arithmetic_mode()) { set_arithmetic_mode(ieee_mode); }
    ~IeeeMode() { set_arithmetic_mode(saved_); }
    IeeeMode(const IeeeMode&) = delete;
    IeeeMode& operator=(const IeeeMode&) = delete;

   private:
    unsigned long saved_;
};

}  // namespace nanotilt
