// One sample of x-ray scattering: its image, row by row, what the detector counts of it, and its truths.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../../base/stop.hpp"
#include "../../scenes/scattering/truths.hpp"
#include "../counting.hpp"
#include "all_terms.hpp"
#include "cells.hpp"
#include "image.hpp"
#include "rows.hpp"
#include "seen.hpp"
#include "surroundings.hpp"

namespace nanotilt {
namespace {

inline void write_image(const Plan& plan, const StreamPosition& at, const ImagePlan& image, const ScatteringOutputs& out,
                        Terms& terms, StopPoints& points) {
    const AreaPlan& area = *plan.area;
    ScatteringScratch& s = terms.s;
    const DrawnScattering& d = *s.drawn;
    const std::ptrdiff_t n = area.n_pixels;
    const auto width = static_cast<std::ptrdiff_t>(padded(area.n_pixels));
    for (std::ptrdiff_t i = 0; i < s.pitch; ++i) {
        s.x[i] = static_cast<float>(static_cast<double>(i) + 0.5 - image.beam_x);
        s.noise[i] = static_cast<float>(static_cast<double>(i) + 0.5 - image.beam_y);
    }
    write_separable(area, d, s.noise, s);
    if (d.run.cut) {
        write_edge(area, d.run, s.edge + table_margin);
    }
    GrainRows smooth{};
    if (d.smooth) {
        prepare_grains(terms, smooth);
        smooth.object = most_contributions;
        smooth.per_pixel = 1.0 / (d.smooth_grain * area.pixels_per_length);
        smooth.mean = static_cast<float>(d.smooth_mean * area.counts);
        smooth.std = static_cast<float>(d.smooth_std * area.counts);
    }
    bool directions = false;
    bool with_q = false;
    for (int k = 0; k < terms.n; ++k) {
        const TermShape shape = s.terms[k].shape;
        directions = directions || (shape != TermShape::radial && shape != TermShape::mesostructure);
        with_q = with_q || shape == TermShape::distorted;
    }
    float* const clean = out.of<float>(expected_truth);
    CellSums* const polar = out.of<float>(polar_truth) != nullptr ? &s.polar : nullptr;
    CellSums* const disc = out.of<float>(coefficients_truth) != nullptr ? &s.disc : nullptr;
    const bool counted = out.views != nullptr || polar != nullptr || disc != nullptr;
    begin_sums(area.cells, image, polar);
    begin_sums(area.disc, image, disc);
    for (std::ptrdiff_t number = 0; number < n; ++number) {
        if (points.stop_after(width * (2 + 4 * terms.n))) {
            return;
        }
        const PixelRow row{area, s, static_cast<double>(number) + 0.5 - image.beam_y, image.beam_x, number, width};
        write_polar(row, directions);
        if (with_q) {
            write_q(row);
        }
        write_rates(row, at, d, image, terms, smooth);
        const bool stopped = write_passed(row, d.run);
        if (image.sums) {
            write_weights(row, image, stopped, n);
        }
        for (int k = 0; (image.sums || image.legacy) && k < terms.n; ++k) {
            ScatterTerm& term = s.terms[k];
            if (image.sums && has_tags(tags_of(term))) {
                look_at_row(term, s.weight, width);
            }
            if (image.legacy) {
                count_row(term, n);
            }
        }
        if (!counted && clean == nullptr) {
            continue;
        }
        finish_rates(row, at, d, image, stopped, n);
        if (clean != nullptr) {
            std::memcpy(clean + number * n, s.rate, static_cast<std::size_t>(n) * sizeof(float));
        }
        if (!counted) {
            continue;
        }
        count_pixels(row, at, n, points);
        add_counts(row, area.cells, n, polar);
        add_counts(row, area.disc, n, disc);
        if (out.views != nullptr) {
            write_view_row(row, plan.detector, n, out.views + number * n);
        }
    }
    if (polar != nullptr) {
        finish_sums(image, *polar);
        write_polar_means(area, *polar, out.of<float>(polar_truth));
    }
    if (disc != nullptr) {
        finish_sums(image, *disc);
        write_coefficients(area, s, out.of<float>(coefficients_truth));
    }
}

inline void write_scattering_numbers(const Plan& plan, const DrawnScattering& d, const ScatteringOutputs& out) {
    float own[n_parameter_columns * most_parameters];
    auto* table = out.of<float>(parameters_truth);
    auto* length = out.of<std::int32_t>(n_parameters_truth);
    if (table != nullptr || length != nullptr) {
        const std::int32_t n = write_parameters(d, own);
        if (table != nullptr) {
            std::memcpy(table, own, sizeof own);
        }
        if (length != nullptr) {
            std::memcpy(length, &n, sizeof n);
        }
    }
    if (auto* run = out.of<std::int64_t>(run_truth)) {
        std::memcpy(run, &d.run.number, sizeof d.run.number);
    }
    if (auto* beam = out.of<float>(beam_truth)) {
        beam[0] = static_cast<float>(d.run.x * plan.area->n_pixels - 0.5);
        beam[1] = static_cast<float>(d.run.y * plan.area->n_pixels - 0.5);
    }
}

/// All that is asked of one sample whose class is known. `truths`: in the order of ScatteringTruth.
inline void see_scattering(const Plan& plan, const ParticlePlan& particle, const StreamPosition& at, float* views,
                           void* const* truths, ScatteringScratch& s, StopPoints& points) {
    const ScatteringOutputs out{views, truths};
    DrawnScattering& d = *s.drawn;
    draw_scattering(*particle.scattering, at, d);
    write_scattering_numbers(plan, d, out);
    const ImagePlan image = image_of(plan, particle, d, out);
    bool looks = views != nullptr || image.sums || image.legacy;
    for (const ScatteringTruth truth : {expected_truth, polar_truth, coefficients_truth}) {
        looks = looks || out.of<float>(truth) != nullptr;
    }
    if (!looks) {
        return;
    }
    Terms terms{*plan.area, at, s};
    for (int i = 0; i < d.n_parts; ++i) {
        add_part(terms, d.parts[static_cast<std::size_t>(i)], i);
    }
    if (d.calibration) {
        add_calibration(terms, d.calibration_counts);
    }
    add_diffuse(terms, d);
    prepare_rows(terms, image);
    write_image(plan, at, image, out, terms, points);
    if (image.sums) {
        float ratios[n_scattering_tags];
        write_ratios(s.terms, terms.n, ratios);
        if (auto* to = out.of<float>(snr_truth)) {
            std::memcpy(to, ratios, sizeof ratios);
        }
        auto* tags = out.of<std::uint8_t>(tags_truth);
        for (int tag = 0; tags != nullptr && !image.legacy && tag < n_scattering_tags; ++tag) {
            tags[tag] = ratios[tag] >= least_ratio ? 1 : 0;
        }
    }
    if (image.legacy) {
        write_legacy_tags(*plan.area, s.terms, terms.n, background_of(*plan.area, d), out.of<std::uint8_t>(tags_truth));
    }
}

}  // namespace
}  // namespace nanotilt
