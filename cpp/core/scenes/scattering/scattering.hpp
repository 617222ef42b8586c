// X-ray scattering of a sample: what it is drawn from, and its reader (Lashley et al. 2017).
//
// Nothing that is drawn depends on the detector. q counts in 1 / angstrom, lengths of a sample in angstrom, lengths on the detector
// in pixels of 75 um, places of the beam in sides of the frame, counts in those of a pixel of 75 um.
#pragma once

#include <array>
#include <cstdint>

namespace nanotilt {

namespace wire {
class Fields;
}

/// By the numbers of nanotilt.scenes.scattering_terms.KINDS.
enum class PartKind : std::uint8_t {
    ring,
    halo,
    rings,
    spheres,
    lattice,
    distorted_lattice,
    ad_hoc_rings,
    speckled_rings,
    coherent_halo,
    mesostructure,
    silver_behenate,
    power_law,
    ornstein_zernike,
    debye_bueche,
    guinier,
    high_q,
    constant,
    smooth_background,
    square_window,
    round_window,
    streak,
    zingers,
    beam,
    linear_stop,
    round_stop,
    wedge_stop,
    edge,
};
inline constexpr int n_contribution_kinds = 10;
inline constexpr int most_contributions = 6;

/// By the numbers of nanotilt.scenes.scattering_terms.TAGS.
enum ScatteringTag {
    low_q_tag,
    high_q_tag,
    halo_tag,
    higher_orders_tag,
    ring_tag,
    symmetry_halo_tag,
    symmetry_ring_tag,
    two_fold_tag,
    four_fold_tag,
    six_fold_tag,
    n_scattering_tags
};

struct ScatteringPlan {
    bool legacy;  // tags as of 2017, else of what is seen
    std::int64_t images_per_run;
    std::array<double, n_contribution_kinds> shares;  // cumulated, the last 1
    double further;                                   // mean number of contributions beyond the first
    // Chances.
    double diffuse;
    double background;
    double streaks;
    double zingers;
    double stops;
    double edges;
    double calibration;
    bool calibration_first;
    double beam_counts;
};

/// Reads a scene of the kind "scattering", less its kind and version. Throws std::invalid_argument.
ScatteringPlan read_scattering(wire::Fields& scene);

}  // namespace nanotilt
