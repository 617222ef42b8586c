// Philox4x32-10, the counter-based generator of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC11).
//
// A counter and a key give four 32-bit words; there is no state, so any sample of a stream can be drawn first.
// Everything here is `static inline`: the header is compiled for several SIMD levels in one program, and internal linkage
// keeps the linker from picking, say, the AVX-512 copy for code that must run everywhere.
#pragma once

#include <cstdint>

namespace nanotilt {

struct PhiloxKey {
    std::uint32_t k0;
    std::uint32_t k1;
};

struct PhiloxWords {
    std::uint32_t w[4];
};

static inline PhiloxKey philox_key(std::uint64_t seed) {
    return {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
}

/// Ten rounds on one counter.
static inline PhiloxWords philox4x32(PhiloxWords counter, PhiloxKey key) {
    std::uint32_t c0 = counter.w[0];
    std::uint32_t c1 = counter.w[1];
    std::uint32_t c2 = counter.w[2];
    std::uint32_t c3 = counter.w[3];
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t product0 = std::uint64_t{0xD2511F53U} * c0;
        const std::uint64_t product1 = std::uint64_t{0xCD9E8D57U} * c2;
        c0 = static_cast<std::uint32_t>(product1 >> 32) ^ c1 ^ key.k0;
        c1 = static_cast<std::uint32_t>(product1);
        c2 = static_cast<std::uint32_t>(product0 >> 32) ^ c3 ^ key.k1;
        c3 = static_cast<std::uint32_t>(product0);
        key.k0 += 0x9E3779B9U;
        key.k1 += 0xBB67AE85U;
    }
    return {{c0, c1, c2, c3}};
}

/// What a block of random words is for: the low byte of its counter's second word. Part of the stream's contract.
enum class Purpose : std::uint32_t {
    label = 0,        // class of a sample; counter index = block of samples, not sample
    placement = 1,    // block = feature: offset direction, offset radius, start angle; orientation_block: a polygon's orientation
    particle = 2,     // normals: outline, features, corner radii, then shift and tilt of each view
    noise = 3,        // normals, or a camera's uniform numbers: n_views x n_bins
    counting = 4,     // exact Poisson draws, see counting.cpp
    few_counts = 5,   // uniform numbers of fast Poisson draws of a small mean, laid out as noise
    many_counts = 6,  // normals of those of a large mean, laid out as noise
    field = 7,        // of a field of bodies: FieldBlock
    body = 8,         // of one of its bodies: blocks_per_body * its number + BodyBlock
    texture = 9,      // block = wave of a support's texture
    scan = 10,        // object = frame of a video; block = row of the scan, drift_block: its drift
    scan_mask = 11,   // object = frame; which pixels a scan that leaves some out visits
    motion = 12,      // object = frame; block = body, frame_block: what all bodies share
    lattice = 13,     // of a crystal: LatticeNormal; object lattice_words_object: LatticeWord
    defect = 14,      // object = defect of the sample; block = attempt to place it, kind_of_defect_block: its kind
    adatoms = 15,     // object = row of tiles, block = 4 * tile of the row: atoms scattered over a crystal
    scattering_run = 16,    // counter index = run, not sample: what the images of a run of x-ray scattering share
    scattering = 17,        // object = ScatteringObject: what a sample scatters
    scattering_grain = 18,  // object = row of the grid * grain_fields + field: normals of coherent halos and smooth backgrounds
    scattering_noise = 19,  // normals of a background, laid out as counts
    zingers = 20,           // object = strip of the frame
};

/// The block of Purpose::placement that a polygon's orientation comes from; features have those below.
inline constexpr std::uint32_t orientation_block = 1024;

/// The second word of a counter is domain << 31 | object << 8 | purpose. The object (23 bits) tells apart what one sample has
/// several of and numbers its blocks anew for each, where 2^32 blocks are too few for all.
inline constexpr std::uint32_t object_shift = 8;
static_assert(static_cast<std::uint32_t>(Purpose::zingers) < 1U << object_shift);

/// Set in the purpose word of the calibration stream, which is so disjoint from every user's stream.
inline constexpr std::uint32_t calibration_domain = 0x80000000U;

/// Where a sample's random words come from: the stream (key, domain) and the sample's index.
struct StreamPosition {
    PhiloxKey key;
    std::uint32_t domain;  // 0 or calibration_domain
    std::uint64_t index;
};

static inline PhiloxWords random_words(const StreamPosition& at, Purpose purpose, std::uint32_t block, std::uint32_t object = 0) {
    return philox4x32({{block, static_cast<std::uint32_t>(purpose) | object << object_shift | at.domain,
                        static_cast<std::uint32_t>(at.index), static_cast<std::uint32_t>(at.index >> 32)}},
                      at.key);
}

/// Uniform in [0, 1) on a grid of 2^-24, exact in float32.
static inline float uniform01(std::uint32_t word) {
    return static_cast<float>(static_cast<std::int32_t>(word >> 8)) * 0x1p-24F;
}

}  // namespace nanotilt
