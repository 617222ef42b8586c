#include "sampler.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "../base/floating_point.hpp"
#include "../base/parallel.hpp"
#include "../geometry/rings.hpp"
#include "../simd/choose.hpp"
#include "compile.hpp"
#include "recipe_limits.hpp"
#include "sample_kernels.hpp"
#include "sample_scratch.hpp"
#include "schedule.hpp"

namespace nanotilt {
namespace {

// Samples that one thread takes at a time: small enough to even out, large enough that two threads rarely write to one cache line
// of labels, and that handing them out (some 0.1 us) does not show beside 64 times 1 us.
constexpr std::ptrdiff_t samples_per_piece = 64;

/// In the order that `sample` takes its outputs in.
SampleSpec spec_of(const Plan& plan) {
    const auto n_views = static_cast<std::int64_t>(plan.detector.views.size());
    std::vector<std::int64_t> views{n_views, plan.camera ? plan.camera->n_pixels : plan.detector.n_bins};
    if (plan.camera && !plan.camera->projected) {
        views.push_back(plan.camera->n_pixels);
    }
    if (plan.has_no_rings()) {
        const int n_pixels = plan.scan ? plan.scan->n_pixels : plan.atoms ? plan.atoms->n_pixels : plan.area->n_pixels;
        views = {n_views, n_pixels, n_pixels};
    }
    SampleSpec spec{{{"views", Dtype::float32, std::move(views), ""},
                     {"label", Dtype::int32, {}, ""},
                     {"angle_rad", Dtype::float32, {n_views}, "rad"}}};
    spec.outputs.insert(spec.outputs.end(), plan.truths.begin(), plan.truths.end());
    return spec;
}

}  // namespace

Sampler::Sampler(std::string_view packed, const Stop& stop) {
    const IeeeMode ieee;  // the plan's constants are rounded to float here, perhaps on a TensorFlow thread
    plan_ = compile(packed, stop);
    spec_ = spec_of(*plan_);
}
Sampler::~Sampler() = default;

std::ptrdiff_t Sampler::n_views() const noexcept {
    return static_cast<std::ptrdiff_t>(plan_->detector.views.size());
}
std::ptrdiff_t Sampler::n_bins() const noexcept {
    return plan_->detector.n_bins;
}

const SampleSpec& Sampler::spec() const noexcept {
    return spec_;
}

void Sampler::sample(std::uint64_t seed, std::uint64_t start, std::ptrdiff_t count, std::span<void* const> outputs, int n_threads,
                     const Stop& stop) const {
    if (outputs.size() != spec_.outputs.size()) {
        throw std::invalid_argument("a pointer is needed for each output of the spec");
    }
    if (std::all_of(outputs.begin(), outputs.end(), [](const void* output) { return output == nullptr; })) {
        return;
    }
    const auto part = [&](std::size_t output, std::ptrdiff_t sample) -> void* {
        const auto offset = static_cast<std::size_t>(sample) * spec_.outputs[output].bytes();
        return outputs[output] == nullptr ? nullptr : static_cast<char*>(outputs[output]) + offset;
    };
    const SampleKernels& kernels = active_kernels().samples;
    const Plan& plan = *plan_;
    const auto list = [&](Arena& arena) { return take_sample_scratch(arena, plan); };
    parallel_for(count, samples_per_piece, n_threads, list, stop,
                 [&](std::ptrdiff_t begin, std::ptrdiff_t end, const SampleScratch& scratch) {
                     std::array<void*, truths_limit> truths{};
                     bool any = false;
                     for (std::size_t i = 0; i < plan.truths.size(); ++i) {
                         truths[i] = part(3 + i, begin);
                         any = any || truths[i] != nullptr;
                     }
                     const SampleOutputs out{static_cast<float*>(part(0, begin)), static_cast<std::int32_t*>(part(1, begin)),
                                             static_cast<float*>(part(2, begin)), any ? truths.data() : nullptr};
                     kernels.sample(plan, philox_key(seed), 0, start + static_cast<std::uint64_t>(begin), end - begin, out, scratch,
                                    stop);
                 });
}

std::vector<DensityRing> Sampler::particle(std::uint64_t seed, std::uint64_t index) const {
    const StreamPosition at{philox_key(seed), 0, index};
    const ParticlePlan& particle = plan_->classes[static_cast<std::size_t>(label_of(plan_->schedule, at))];
    if (plan_->has_no_rings()) {
        throw std::invalid_argument("fields have bodies, lattices have atoms, and neither has rings");
    }
    const auto room = static_cast<std::size_t>(plan_->max_points + lane_count);
    std::vector<float> x(room);
    std::vector<float> y(room);
    std::vector<float> weight(room);
    std::vector<float> normals(static_cast<std::size_t>(plan_->max_particle_normals + lane_count));
    std::vector<RingSpan> spans(static_cast<std::size_t>(plan_->max_rings));
    RingSet rings{x.data(), y.data(), weight.data(), spans.data(), 0, 0};
    const IeeeMode ieee;
    active_kernels().samples.particle(particle, at, normals.data(), rings);
    std::vector<DensityRing> result;
    for (int r = 0; r < rings.n_rings; ++r) {
        const RingSpan& span = spans[static_cast<std::size_t>(r)];
        result.push_back({{x.begin() + span.begin, x.begin() + span.begin + span.n},
                          {y.begin() + span.begin, y.begin() + span.begin + span.n},
                          span.density});
    }
    return result;
}

std::ptrdiff_t Sampler::n_features() const noexcept {
    return plan_->max_rings - 1;
}

void Sampler::draws(std::uint64_t seed, std::uint64_t start, std::ptrdiff_t count, const Draws& out, const Stop& stop) const {
    const Plan& plan = *plan_;
    if (plan.has_no_rings()) {
        throw std::invalid_argument("only what particles are drawn from is told");
    }
    const std::ptrdiff_t slots = n_features();
    std::vector<float> normals(static_cast<std::size_t>(plan.max_particle_normals + lane_count));
    const IeeeMode ieee;
    StopPoints points(stop);
    for (std::ptrdiff_t i = 0; i < count && !points.stop_after(plan.max_particle_normals + 100); ++i) {
        std::fill_n(out.features + i * slots * 4, slots * 4, 0.0F);
        std::fill_n(out.placements + i * slots * 3, slots * 3, 0.0);
        const StreamPosition at{philox_key(seed), 0, start + static_cast<std::uint64_t>(i)};
        out.label[i] = label_of(plan.schedule, at);
        const ParticlePlan& particle = plan.classes[static_cast<std::size_t>(out.label[i])];
        active_kernels().samples.normals(at, Purpose::particle, particle.n_normal_groups, normals.data());
        std::copy_n(normals.data(), 3, out.outline + i * 3);
        std::copy_n(normals.data() + particle.view_normals, 2 * n_views(), out.views + i * 2 * n_views());
        for (std::size_t f = 0; f < particle.features.size(); ++f) {
            const std::ptrdiff_t slot = i * slots + static_cast<std::ptrdiff_t>(f);
            std::copy_n(normals.data() + particle.features[f].parameter_normals, 4, out.features + slot * 4);
            const PhiloxWords words = random_words(at, Purpose::placement, static_cast<std::uint32_t>(f));
            out.placements[slot * 3] = words.w[0] * 0x1p-32;
            out.placements[slot * 3 + 1] = static_cast<double>(uniform01(words.w[1]));
            out.placements[slot * 3 + 2] = words.w[2] * 0x1p-32;
        }
    }
}

void Sampler::redraw(std::uint64_t seed, std::uint64_t start, std::ptrdiff_t count, int label, const float* outline,
                     const float* features, const float* views, std::uint64_t rough_seed, std::ptrdiff_t n_redraws, float* out,
                     int n_threads, const Stop& stop) const {
    const SampleKernels& kernels = active_kernels().samples;
    const Plan& plan = *plan_;
    const std::ptrdiff_t values_per_sample = n_redraws * n_views() * n_bins();
    if (plan.camera || plan.has_no_rings() ||
        std::any_of(plan.classes.begin(), plan.classes.end(), [](const auto& one) { return one.scene != nullptr; })) {
        throw std::invalid_argument("only a detector's samples of particles can be redrawn");
    }
    const auto list = [&](Arena& arena) { return take_sample_scratch(arena, plan); };
    parallel_for(count, 1, n_threads, list, stop, [&](std::ptrdiff_t begin, std::ptrdiff_t end, const SampleScratch& scratch) {
        for (std::ptrdiff_t i = begin; i < end; ++i) {
            const StreamPosition at{philox_key(seed), 0, start + static_cast<std::uint64_t>(i)};
            const NuisanceNormals nuisance{outline + 3 * i, features + 4 * n_features() * i, views + 2 * n_views() * i};
            kernels.redraw(plan, label, at, philox_key(rough_seed), nuisance, n_redraws, out + i * values_per_sample, scratch,
                           stop);
        }
    });
}

std::ptrdiff_t Sampler::n_classes() const noexcept {
    return static_cast<std::ptrdiff_t>(plan_->classes.size());
}

std::pair<float, float> Sampler::calibrate(std::ptrdiff_t count, int n_threads, const Stop& stop) const {
    const Plan& plan = *plan_;
    const SampleKernels& kernels = active_kernels().samples;
    const std::ptrdiff_t n_values = n_views() * n_bins();
    // One result per piece, combined in order: the smallest of floats does not depend on grouping, yet nothing is shared either.
    const std::ptrdiff_t pieces = (count + samples_per_piece - 1) / samples_per_piece;
    std::vector<std::pair<float, float>> bounds(static_cast<std::size_t>(pieces));
    std::atomic<bool> all_finite{true};
    struct Scratch {
        SampleScratch sample;
        float* view;
    };
    const auto list = [&](Arena& arena) { return Scratch{take_sample_scratch(arena, plan), arena.take<float>(n_values)}; };
    parallel_for(pieces, 1, n_threads, list, stop, [&](std::ptrdiff_t first, std::ptrdiff_t last, const Scratch& scratch) {
        float* view = scratch.view;
        for (std::ptrdiff_t piece = first; piece < last; ++piece) {
            float low = std::numeric_limits<float>::max();
            float high = std::numeric_limits<float>::lowest();
            const std::ptrdiff_t end = std::min((piece + 1) * samples_per_piece, count);
            for (std::ptrdiff_t i = piece * samples_per_piece; i < end && !stop.wanted(); ++i) {
                kernels.sample(plan, philox_key(0), calibration_domain, static_cast<std::uint64_t>(i), 1, {view, nullptr, nullptr},
                               scratch.sample, stop);
                if (!std::all_of(view, view + n_values, [](float value) { return std::isfinite(value); })) {
                    all_finite = false;  // what is no number has no place among smallest and largest
                    continue;
                }
                const auto [lowest, highest] = std::minmax_element(view, view + n_values);
                low = std::min(low, *lowest);
                high = std::max(high, *highest);
            }
            bounds[static_cast<std::size_t>(piece)] = {low, high};
        }
    });
    if (!all_finite) {
        return {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::quiet_NaN()};
    }
    std::pair<float, float> total{std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest()};
    for (const auto& [low, high] : bounds) {
        total = {std::min(total.first, low), std::max(total.second, high)};
    }
    return total;
}

}  // namespace nanotilt
