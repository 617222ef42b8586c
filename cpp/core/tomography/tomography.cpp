#include "tomography.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "../base/floating_point.hpp"
#include "../base/parallel.hpp"
#include "../simd/choose.hpp"
#include "line_geometry.hpp"
#include "tomography_kernels.hpp"

namespace nanotilt {
namespace {

// Many images: one thread does each. Few: all threads work on one after another.
bool one_thread_each(std::ptrdiff_t n_images, int n_threads) {
    return n_images >= 2 * static_cast<std::ptrdiff_t>(usable_threads(n_threads));
}

// ---------------------------------------------------------------------------------------------------------------- line sums

// Line sums are made for lines one pixel apart, then interpolated to the detectors. So many to each side of the middle:
std::ptrdiff_t reach(std::ptrdiff_t n_detectors) {
    return static_cast<std::ptrdiff_t>(1.4143 * static_cast<double>(n_detectors / 2 + 1)) + 3;
}

void project_image(const PaddedImage& image, double angle_rad, const ParallelBeam& beam, float* sums, float* out) {
    const Direction along = direction(angle_rad);
    const PixelRows rows = image.rows(along.by_rows);
    const std::ptrdiff_t n_detectors = beam.n_detectors;
    const double middle = centre_of(n_detectors, beam.centre);
    const std::ptrdiff_t side = reach(n_detectors);
    std::fill(sums, sums + 2 * side + 1, 0.0F);
    // Sum number `at_axis` + t: the line that is t from the middle in the middle row. Detectors lie on lines at angle 0.
    const double at_axis = static_cast<double>(side) + (middle - std::floor(middle));
    const double start = (centre_of(rows.n_columns, beam.centre) - at_axis) - centre_of(rows.n_rows, beam.centre) * along.slope;
    active_kernels().tomography.sum_lines(rows, start, along.slope, sums, 2 * side + 1);
    const double per_detector = 1.0 / along.scale;
    const auto length = static_cast<float>(std::fabs(per_detector));
    for (std::ptrdiff_t d = 0; d < n_detectors; ++d) {
        const double at = (static_cast<double>(d) - middle) * per_detector + at_axis;
        const double whole = std::floor(at);
        const float* four = sums + static_cast<std::ptrdiff_t>(whole) - 1;
        const CubicWeights w = cubic_weights(static_cast<float>(at - whole));
        out[d] = length * (w.of[0] * four[0] + w.of[1] * four[1] + w.of[2] * four[2] + w.of[3] * four[3]);
    }
}

// ---------------------------------------------------------------------------------------------------------- back-projection

// Angles whose samples are kept at a time: 0.5 MiB for 128 x 128 pixels.
constexpr std::ptrdiff_t angles_at_once = 32;

// Memory and sizes for one image.
struct Smearing {
    const ParallelBeam& beam;
    const BackProjection& wanted;
    std::ptrdiff_t length;  // samples of each phase; the middle pixel's is number length / 2

    Smearing(const ParallelBeam& of_beam, const BackProjection& of_wanted)
        : beam(of_beam), wanted(of_wanted), length(2 * of_wanted.output_size + 8) {}

    [[nodiscard]] std::ptrdiff_t samples() const { return length * sample_phases; }
    [[nodiscard]] std::ptrdiff_t pixels() const { return wanted.output_size * wanted.output_size; }
};

struct SmearingScratch {
    float* samples;   // of all angles at once
    float* filtered;  // a row of each angle, with room for one more
    float* sums;      // pixels by rows, then by columns
};

SmearingScratch take_smearing_scratch(Arena& arena, const Smearing& smearing) {
    SmearingScratch s{};
    s.samples = arena.take<float>(angles_at_once, smearing.samples());
    s.filtered = arena.take<float>(angles_at_once, smearing.beam.n_detectors + 1);
    s.sums = arena.take<float>(2, smearing.pixels());
    return s;
}

// Filters a row and samples it along a row (or column) of pixels.
void prepare(const Smearing& smearing, const float* row, double angle_rad, float* filtered, float* samples) {
    const TomographyKernels& kernels = active_kernels().tomography;
    const std::ptrdiff_t n = smearing.beam.n_detectors;
    kernels.convolve(row, n, smearing.wanted.filter, filtered);
    filtered[n] = 0.0F;
    std::fill(samples, samples + smearing.samples(), 0.0F);
    const double scale = direction(angle_rad).scale;
    for (std::ptrdiff_t phase = 0; phase < sample_phases; ++phase) {
        // Sample i of this phase lies at detector start + i * scale. What lies beyond the detectors stays 0.
        const double offset = static_cast<double>(phase) / sample_phases - static_cast<double>(smearing.length / 2);
        const double start = centre_of(n, smearing.beam.centre) + offset * scale;
        const double ends[] = {-start / scale, (static_cast<double>(n - 1) - start) / scale};
        const auto first = static_cast<std::ptrdiff_t>(std::ceil(std::min(ends[0], ends[1]) - 1e-4));
        const auto last = static_cast<std::ptrdiff_t>(std::floor(std::max(ends[0], ends[1]) + 1e-4));
        kernels.resample(filtered, start, scale, std::max<std::ptrdiff_t>(first, 0), std::min(last + 1, smearing.length),
                         samples + phase * smearing.length);
    }
}

// Adds rows (or columns) begin ... end of the pixels.
void smear(const Smearing& smearing, const float* samples, double angle_rad, std::ptrdiff_t begin, std::ptrdiff_t end,
           float* by_rows, float* by_columns) {
    const Direction along = direction(angle_rad);
    const std::ptrdiff_t size = smearing.wanted.output_size;
    const double middle = centre_of(size, smearing.beam.centre);
    const double start = (static_cast<double>(smearing.length / 2) - middle) - (static_cast<double>(begin) - middle) * along.slope;
    active_kernels().tomography.spread_lines({samples, smearing.length}, start, -along.slope, end - begin, size,
                                             (along.by_rows ? by_rows : by_columns) + begin * size, size);
}

// Both sums together, rows begin ... end.
void finish(const Smearing& smearing, const float* by_rows, const float* by_columns, std::ptrdiff_t begin, std::ptrdiff_t end,
            float* out, const Stop& stop) {
    const std::ptrdiff_t size = smearing.wanted.output_size;
    StopPoints points(stop);
    // In halves of pixels, so that both kinds of middle are whole numbers.
    const bool about_pixel = smearing.beam.centre == Centre::pixel;
    const std::ptrdiff_t middle = about_pixel ? size / 2 * 2 : size - 1;
    const std::ptrdiff_t rim = about_pixel ? size / 2 * 2 : size;
    for (std::ptrdiff_t y = begin; y < end && !points.stop_after(4 * size); ++y) {
        for (std::ptrdiff_t x = 0; x < size; ++x) {
            const std::ptrdiff_t squared = (2 * x - middle) * (2 * x - middle) + (2 * y - middle) * (2 * y - middle);
            const bool seen = !smearing.wanted.circle || squared <= rim * rim;
            out[y * size + x] = seen ? smearing.wanted.factor * (by_rows[y * size + x] + by_columns[x * size + y]) : 0.0F;
        }
    }
}

// `band`: rows (or columns) that are worked on together. `each(count, grain, body)` runs body(begin, end) over pieces of a range,
// on one thread or several.
template <class Each>
void back_project_image(const Smearing& smearing, const float* sinogram, const SmearingScratch& scratch, float* out,
                        std::ptrdiff_t band, const Stop& stop, const Each& each) {
    const std::ptrdiff_t size = smearing.wanted.output_size;
    const std::ptrdiff_t n = smearing.beam.n_detectors;
    float* samples = scratch.samples;
    float* filtered = scratch.filtered;
    float* by_rows = scratch.sums;
    float* by_columns = by_rows + smearing.pixels();
    StopPoints points(stop);
    for (std::ptrdiff_t row = 0; row < 2 * size && !points.stop_after(size); ++row) {
        std::fill_n(by_rows + row * size, size, 0.0F);
    }
    const double* angles = smearing.beam.angles_rad;
    for (std::ptrdiff_t first = 0; first < smearing.beam.n_angles; first += angles_at_once) {
        const std::ptrdiff_t count = std::min(angles_at_once, smearing.beam.n_angles - first);
        each(count, 4, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
            for (std::ptrdiff_t a = begin; a < end && !stop.wanted(); ++a) {
                prepare(smearing, sinogram + (first + a) * n, angles[first + a], filtered + a * (n + 1),
                        samples + a * smearing.samples());
            }
        });
        each(size, band, [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
            StopPoints within(stop);
            for (std::ptrdiff_t a = 0; a < count && !within.stop_after((end - begin) * size / 4); ++a) {
                smear(smearing, samples + a * smearing.samples(), angles[first + a], begin, end, by_rows, by_columns);
            }
        });
    }
    each(size, band,
         [&](std::ptrdiff_t begin, std::ptrdiff_t end) { finish(smearing, by_rows, by_columns, begin, end, out, stop); });
}

}  // namespace

void radon(const float* images, std::ptrdiff_t n_images, std::ptrdiff_t height, std::ptrdiff_t width, const ParallelBeam& beam,
           float* out, int n_threads, const Stop& stop) {
    const IeeeMode caller_mode;
    const auto take_padded = [&](Arena& arena) { return arena.take<float>(PaddedImage::size(height, width)); };
    const auto take_sums = [&](Arena& arena) { return arena.take<float>(2 * reach(beam.n_detectors) + 1); };
    const std::ptrdiff_t n = beam.n_detectors;
    const auto project_angles = [&](const PaddedImage& image, std::ptrdiff_t begin, std::ptrdiff_t end, float* sums, float* to) {
        StopPoints points(stop);
        for (std::ptrdiff_t a = begin; a < end && !points.stop_after(height * width / 4); ++a) {
            project_image(image, beam.angles_rad[a], beam, sums, to + a * n);
        }
    };
    if (one_thread_each(n_images, n_threads)) {
        const auto list = [&](Arena& arena) { return std::pair{take_padded(arena), take_sums(arena)}; };
        parallel_for(n_images, 1, n_threads, list, stop, [&](std::ptrdiff_t begin, std::ptrdiff_t end, const auto& scratch) {
            for (std::ptrdiff_t i = begin; i < end; ++i) {
                const PaddedImage image(images + i * height * width, height, width, scratch.first, stop);
                project_angles(image, 0, beam.n_angles, scratch.second, out + i * beam.n_angles * n);
            }
        });
        return;
    }
    ScratchPool memory(1, floats_of(take_padded));
    for (std::ptrdiff_t i = 0; i < n_images && !stop.wanted(); ++i) {
        const PaddedImage image(images + i * height * width, height, width, memory.slice(0), stop);
        parallel_for(beam.n_angles, 8, n_threads, take_sums, stop, [&](std::ptrdiff_t begin, std::ptrdiff_t end, float* sums) {
            project_angles(image, begin, end, sums, out + i * beam.n_angles * n);
        });
    }
}

void back_project(const float* sinograms, std::ptrdiff_t n_images, const ParallelBeam& beam, const BackProjection& wanted,
                  float* out, int n_threads, const Stop& stop) {
    const IeeeMode caller_mode;
    const Smearing smearing(beam, wanted);
    const std::ptrdiff_t size = wanted.output_size;
    const std::ptrdiff_t sinogram_size = beam.n_angles * beam.n_detectors;
    const auto list = [&](Arena& arena) { return take_smearing_scratch(arena, smearing); };
    if (one_thread_each(n_images, n_threads)) {
        const auto alone = [](std::ptrdiff_t count, std::ptrdiff_t, const auto& body) { body(std::ptrdiff_t{0}, count); };
        parallel_for(n_images, 1, n_threads, list, stop,
                     [&](std::ptrdiff_t begin, std::ptrdiff_t end, const SmearingScratch& scratch) {
                         for (std::ptrdiff_t i = begin; i < end; ++i) {
                             back_project_image(smearing, sinograms + i * sinogram_size, scratch, out + i * smearing.pixels(), size,
                                                stop, alone);
                         }
                     });
        return;
    }
    ScratchPool memory(1, floats_of(list));
    Arena arena(memory.slice(0));
    const SmearingScratch scratch = list(arena);
    // Rows that a thread takes at a time; one thread alone has nothing to share.
    const std::ptrdiff_t band = n_threads == 1 ? size : std::max<std::ptrdiff_t>(1, 2048 / size);
    const auto together = [&](std::ptrdiff_t count, std::ptrdiff_t grain, const auto& body) {
        parallel_for(count, grain, n_threads, 0, stop, [&](std::ptrdiff_t begin, std::ptrdiff_t end, float*) { body(begin, end); });
    };
    for (std::ptrdiff_t i = 0; i < n_images && !stop.wanted(); ++i) {
        back_project_image(smearing, sinograms + i * sinogram_size, scratch, out + i * smearing.pixels(), band, stop, together);
    }
}

}  // namespace nanotilt
