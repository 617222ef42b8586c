// What the test files share: a count of checks, and a digest of bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

namespace nanotilt::tests {

inline int passes = 0;
inline int failures = 0;

inline void check(bool good, const std::string& what) {
    if (good) {
        ++passes;
    } else {
        ++failures;
        std::printf("FAILED: %s\n", what.c_str());
    }
}

/// SHA-256 (FIPS 180-4), the digest that the known answers are kept as.
class Sha256 {
   public:
    void add(const void* bytes, std::size_t count);
    /// The digest of all bytes so far, as 64 hexadecimal digits; nothing can be added afterwards.
    std::string finish();

   private:
    void add_byte(unsigned char byte);
    void mix_block();

    std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::uint32_t, 16> block_{};
    std::uint64_t n_bytes_ = 0;
};

/// Compares the bits of this build with those in `folder`, which Python has written.
void test_known_answers(const std::string& folder);
void test_field_answers(const std::string& folder);

/// Measures scratch memory and hands it out.
void test_arena();

/// Reads wire bytes, good ones and others.
void test_wire();

/// Stops every kind of work; that of a recipe with this one.
void test_stops(const std::string& packed_recipe);

}  // namespace nanotilt::tests
