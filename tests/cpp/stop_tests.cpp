// Work of every kind ends soon after it was asked to, at whichever SIMD level, and is whole where it was not.
#include <array>
#include <atomic>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "checks.hpp"
#include "core/base/elementary.hpp"
#include "core/base/parallel.hpp"
#include "core/base/sorting.hpp"
#include "core/geometry/blur.hpp"
#include "core/geometry/geometry_kernels.hpp"
#include "core/geometry/projection.hpp"
#include "core/geometry/raster.hpp"
#include "core/inference/projection_matching.hpp"
#include "core/inference/template_likelihood.hpp"
#include "core/program/sampler.hpp"
#include "core/simd/choose.hpp"
#include "core/tomography/tomography.hpp"

namespace nanotilt::tests {
namespace {

// Counts how often it is asked, and says yes after so many times.
class CountingStop final : public Stop {
   public:
    explicit CountingStop(long patience) : patience_(patience) {}
    [[nodiscard]] bool wanted() const noexcept override { return ++asked_ > patience_; }
    [[nodiscard]] long asked() const { return asked_; }

   private:
    long patience_;
    mutable std::atomic<long> asked_{0};
};

struct Work {
    const char* name;
    std::function<void(const Stop&, int n_threads)> run;
    bool parallel;
};

// Numbers in [-1, 1) without any order.
std::vector<float> scattered(std::size_t n) {
    std::vector<float> values(n);
    std::uint32_t state = 1;
    for (float& value : values) {
        state = state * 1664525U + 1013904223U;
        value = static_cast<float>(static_cast<std::int32_t>(state)) * 0x1p-31F;
    }
    return values;
}

std::vector<double> angles(std::size_t n) {
    std::vector<double> found(n);
    for (std::size_t i = 0; i < n; ++i) {
        found[i] = pi * static_cast<double>(i) / static_cast<double>(n);
    }
    return found;
}

void project_ring(Sampling sampling, int n_corners, int n_bins, std::size_t n_angles, const Stop& stop, int n_threads) {
    const std::vector<float> corners = scattered(2 * static_cast<std::size_t>(n_corners));
    const std::vector<double> at = angles(n_angles);
    std::vector<float> out(n_angles * static_cast<std::size_t>(n_bins));
    project({{corners.data(), n_corners, 1.0F}}, {n_bins, -1.0, 1.0, 0.0, 0.0, sampling}, at.data(),
            static_cast<std::ptrdiff_t>(n_angles), out.data(), n_threads, stop);
}

void rasterise_ring(int n_corners, int n_pixels, int samples_per_side, const Stop& stop) {
    const std::vector<float> corners = scattered(2 * static_cast<std::size_t>(n_corners));
    std::vector<float> out(static_cast<std::size_t>(n_pixels) * static_cast<std::size_t>(n_pixels));
    rasterise({{corners.data(), n_corners, 1.0F}}, {n_pixels, 2.0, 0.0, samples_per_side}, out.data(), stop);
}

void radon_of_images(std::ptrdiff_t n_images, const Stop& stop, int n_threads) {
    constexpr std::ptrdiff_t n = 96;
    const std::vector<float> images = scattered(static_cast<std::size_t>(n_images * n * n));
    const std::vector<double> at = angles(1200);
    std::vector<float> out(static_cast<std::size_t>(n_images) * at.size() * n);
    radon(images.data(), n_images, n, n, {at.data(), static_cast<std::ptrdiff_t>(at.size()), n, Centre::pixel}, out.data(),
          n_threads, stop);
}

void back_project_sinograms(std::ptrdiff_t n_images, const Stop& stop, int n_threads) {
    constexpr std::ptrdiff_t n = 128;
    const std::vector<double> at = angles(600);
    const std::vector<float> sinograms = scattered(static_cast<std::size_t>(n_images) * at.size() * n);
    const std::vector<float> filter = scattered(2 * n - 1);
    std::vector<float> out(static_cast<std::size_t>(n_images * n * n));
    back_project(sinograms.data(), n_images, {at.data(), static_cast<std::ptrdiff_t>(at.size()), n, Centre::middle},
                 {filter.data(), n, 1.0F, false}, out.data(), n_threads, stop);
}

void match(bool annealed, const Stop& stop, int n_threads) {
    constexpr std::ptrdiff_t n = 24;
    constexpr std::ptrdiff_t n_pairs = 300;
    constexpr std::ptrdiff_t n_starts = 3;
    std::vector<float> values = scattered(static_cast<std::size_t>(n_pairs * 2 * n));
    const std::vector<float> support(n * n, 1.0F);
    const std::vector<float> filter = scattered(2 * n - 1);
    const std::vector<float> sigma(20, 3.0F);
    std::vector<float> images(static_cast<std::size_t>(n_starts * n * n), 1.0F);
    std::vector<double> cost(n_starts);
    std::vector<double> angle_rad(static_cast<std::size_t>(n_starts * n_pairs), 0.1);
    const ProjectionPairs pairs{values.data(), n_pairs, {n, 1.0, n, 0.5 * (n - 1)}, 0.2, 1, support.data(), filter.data()};
    if (annealed) {
        anneal_starts(pairs, {120, sigma.data(), 20, 0.5F, 0.7F}, n_starts, images.data(), cost.data(), angle_rad.data(), n_threads,
                      stop);
    } else {
        refine_starts(pairs, {120, 120, 20, 1, 0.5F, 0.9F}, n_starts, images.data(), cost.data(), angle_rad.data(), n_threads,
                      stop);
    }
}

void compare_with_templates(const Stop& stop, int n_threads) {
    constexpr std::ptrdiff_t n = 3000;
    constexpr std::ptrdiff_t n_values = 64;
    const std::vector<float> rows = scattered(static_cast<std::size_t>(n * n_values));
    std::vector<float> smallest(n, std::numeric_limits<float>::infinity());
    std::vector<double> sums(n * 2);
    add_templates(rows.data(), n, rows.data(), n, n_values, {smallest.data(), sums.data(), 2, 0.1F}, n_threads, stop);
}

void blur_one_row(const Stop& stop, int n_threads) {
    const std::vector<float> row = scattered(100'000);
    std::vector<float> out(row.size());
    gaussian_blur(row.data(), 1, static_cast<std::ptrdiff_t>(row.size()), 300.0, out.data(), n_threads, stop);
}

void change_image(bool rolled, const Stop& stop) {
    constexpr std::ptrdiff_t n = 2048;
    std::vector<float> image(n * n, 1.0F);
    std::vector<float> out(image.size());
    std::vector<double> scratch(2 * n);
    if (rolled) {
        active_kernels().geometry.roll_to_middle(image.data(), n, n, scratch.data(), out.data(), stop);
    } else {
        active_kernels().geometry.remove_background(image.data(), n, n, out.data(), stop);
    }
}

void draw(const Sampler& sampler, std::ptrdiff_t count, const Stop& stop, int n_threads) {
    std::vector<float> views(static_cast<std::size_t>(count * sampler.n_views() * sampler.n_bins()));
    std::vector<std::int32_t> label(static_cast<std::size_t>(count));
    std::vector<float> angle(static_cast<std::size_t>(count * sampler.n_views()));
    sampler.sample(1, 0, count, std::array<void*, 3>{views.data(), label.data(), angle.data()}, n_threads, stop);
}

void redraw(const Sampler& sampler, const Stop& stop, int n_threads) {
    constexpr std::ptrdiff_t count = 1000;
    const std::vector<float> zero(static_cast<std::size_t>(count * 4 * (sampler.n_features() + 1)));
    std::vector<float> out(static_cast<std::size_t>(count * 20 * sampler.n_views() * sampler.n_bins()));
    sampler.redraw(1, 0, count, 0, zero.data(), zero.data(), zero.data(), 2, 20, out.data(), n_threads, stop);
}

void describe_draws(const Sampler& sampler, const Stop& stop) {
    constexpr std::ptrdiff_t count = 40'000;
    std::vector<std::int32_t> label(count);
    std::vector<float> outline(count * 3);
    std::vector<float> features(static_cast<std::size_t>(count * sampler.n_features() * 4));
    std::vector<double> placements(static_cast<std::size_t>(count * sampler.n_features() * 3));
    std::vector<float> views(static_cast<std::size_t>(count * sampler.n_views() * 2));
    sampler.draws(1, 0, count, {label.data(), outline.data(), features.data(), placements.data(), views.data()}, stop);
}

// Asked all the time, and done: so often that the count tells how much of the work was done.
void check_stops(const Work& work, int n_threads) {
    const std::string what = std::string(work.name) + ", " + std::to_string(n_threads) + " threads";
    const CountingStop patient(std::numeric_limits<long>::max());
    work.run(patient, n_threads);
    check(patient.asked() >= 15, what + ": asks " + std::to_string(patient.asked()) + " times");
    const CountingStop hasty(2);
    work.run(hasty, n_threads);
    // Each thread asks at each level of its loops on the way out, and where the next loop begins.
    check(hasty.asked() > 2 && hasty.asked() <= 6 * n_threads + patient.asked() / 6,
          what + ": stops, asked " + std::to_string(hasty.asked()) + " of " + std::to_string(patient.asked()) + " times");
}

void test_stopped_recipe(const std::string& packed) {
    bool stopped = false;
    try {
        const Sampler sampler(packed, CountingStop(0));
    } catch (const Stopped&) {
        stopped = true;
    }
    check(stopped, "reading a recipe stops");
}

void test_sorting() {
    std::vector<float> values = scattered(1'000'000);
    std::vector<float> expected = values;
    std::sort(expected.begin(), expected.end());
    StopPoints points(never);
    check(sort_until_stopped(values.data(), values.data() + values.size(), points) && values == expected, "sorting in pieces");
    const CountingStop hasty(0);
    StopPoints soon(hasty);
    values = scattered(1'000'000);
    check(!sort_until_stopped(values.data(), values.data() + values.size(), soon), "sorting stops");
}

}  // namespace

void test_stops(const std::string& packed_recipe) {
    const Sampler sampler(packed_recipe);
    const std::vector<Work> all{
        {"sample", [&](const Stop& stop, int n) { draw(sampler, 8000, stop, n); }, true},
        {"calibrate", [&](const Stop& stop, int n) { (void)sampler.calibrate(8000, n, stop); }, true},
        {"redraw", [&](const Stop& stop, int n) { redraw(sampler, stop, n); }, true},
        {"draws", [&](const Stop& stop, int) { describe_draws(sampler, stop); }, false},
        {"project, rays", [](const Stop& stop, int n) { project_ring(Sampling::ray, 3000, 800, 6, stop, n); }, true},
        {"project, bins", [](const Stop& stop, int n) { project_ring(Sampling::bin, 300, 100, 6, stop, n); }, true},
        {"rasterise, areas", [](const Stop& stop, int) { rasterise_ring(300, 64, 0, stop); }, false},
        {"rasterise, points", [](const Stop& stop, int) { rasterise_ring(2000, 400, 4, stop); }, false},
        {"gaussian_blur", blur_one_row, false},
        {"radon, one image", [](const Stop& stop, int n) { radon_of_images(1, stop, n); }, true},
        {"radon, many images", [](const Stop& stop, int n) { radon_of_images(8, stop, n); }, true},
        {"back_project, one", [](const Stop& stop, int n) { back_project_sinograms(1, stop, n); }, true},
        {"back_project, many", [](const Stop& stop, int n) { back_project_sinograms(8, stop, n); }, true},
        {"add_templates", compare_with_templates, true},
        {"anneal_starts", [](const Stop& stop, int n) { match(true, stop, n); }, true},
        {"refine_starts", [](const Stop& stop, int n) { match(false, stop, n); }, true},
        {"remove_background", [](const Stop& stop, int) { change_image(false, stop); }, false},
        {"centre_of_mass_roll", [](const Stop& stop, int) { change_image(true, stop); }, false},
    };
    for (const Work& work : all) {
        check_stops(work, 1);
        if (work.parallel) {
            check_stops(work, 3);
        }
    }
    test_stopped_recipe(packed_recipe);
    test_sorting();
}

}  // namespace nanotilt::tests
