// IEEE arithmetic whatever the caller has set.
#pragma once

#if defined(__SSE__) || defined(_M_X64)
#include <xmmintrin.h>
#define NANOTILT_HAS_MXCSR 1
#endif

namespace nanotilt {

/// Rounds to nearest and keeps subnormal numbers for as long as it lives. TensorFlow flushes subnormals to zero in its worker
/// threads, which would make a sample's bits depend on the route it is drawn by.
class IeeeMode {
   public:
#ifdef NANOTILT_HAS_MXCSR
    IeeeMode() : saved_(_mm_getcsr()) { _mm_setcsr(0x1F80); }
    ~IeeeMode() { _mm_setcsr(saved_); }
#elif defined(__aarch64__)
    IeeeMode() {
        asm volatile("mrs %0, fpcr" : "=r"(saved_));
        asm volatile("msr fpcr, %0" ::"r"(0UL));
    }
    ~IeeeMode() { asm volatile("msr fpcr, %0" ::"r"(saved_)); }
#else
    IeeeMode() = default;
    ~IeeeMode() = default;
#endif
    IeeeMode(const IeeeMode&) = delete;
    IeeeMode& operator=(const IeeeMode&) = delete;

   private:
#ifdef NANOTILT_HAS_MXCSR
    unsigned saved_;
#elif defined(__aarch64__)
    unsigned long saved_ = 0;
#endif
};

}  // namespace nanotilt
