#include "counted_memory.hpp"

#include <cstdlib>
#include <new>

namespace nanotilt::tests {

std::atomic<long> allocations{0};
std::atomic<std::size_t> bytes_asked_for{0};

namespace {

void* counted(void* memory, std::size_t size) {
    ++allocations;
    bytes_asked_for += size;
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return memory;
}

}  // namespace
}  // namespace nanotilt::tests

void* operator new(std::size_t size) {
    return nanotilt::tests::counted(std::malloc(size), size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    const auto a = static_cast<std::size_t>(alignment);
    return nanotilt::tests::counted(std::aligned_alloc(a, (size + a - 1) / a * a), size);
}
void operator delete(void* p) noexcept {
    std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
    std::free(p);
}
void operator delete(void* p, std::align_val_t) noexcept {
    std::free(p);
}
void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
    std::free(p);
}
