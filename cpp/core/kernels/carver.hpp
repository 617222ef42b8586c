// Hands out a thread's scratch memory.
#pragma once

#include <cstddef>

namespace nanotilt {
namespace {

// Hands out memory piece by piece.
class Carver {
   public:
    explicit Carver(float* memory) : next_(memory) {}
    float* take(std::size_t floats) {
        float* piece = next_;
        next_ += floats;
        return piece;
    }

   private:
    float* next_;
};

}  // namespace
}  // namespace nanotilt
