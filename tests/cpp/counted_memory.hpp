// How much memory a test has asked for: counted_memory.cpp puts its own operator new into the executable.
#pragma once

#include <atomic>
#include <cstddef>

namespace nanotilt::tests {

extern std::atomic<long> allocations;
extern std::atomic<std::size_t> bytes_asked_for;

}  // namespace nanotilt::tests
