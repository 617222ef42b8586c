// What can be told of a sample of scattering beside its class.
#pragma once

#include <vector>

#include "../../instruments/area_detector.hpp"
#include "../../program/spec.hpp"
#include "draws.hpp"

namespace nanotilt {

/// In the order of nanotilt.Scattering.truths, less the angles.
enum ScatteringTruth {
    tags_truth,
    snr_truth,
    parameters_truth,
    n_parameters_truth,
    run_truth,
    beam_truth,
    expected_truth,
    polar_truth,
    coefficients_truth,
    n_scattering_truths
};

/// Columns of the parameters, by the numbers of nanotilt.scenes.scattering_terms.COLUMNS.
inline constexpr int n_parameter_columns = 14;
inline constexpr int most_parameters = 32;

std::vector<Output> scattering_truths(const AreaPlan& area);

/// Writes a row for each part that was drawn, 0 below; returns their number.
int write_parameters(const DrawnScattering& drawn, float* out);

}  // namespace nanotilt
