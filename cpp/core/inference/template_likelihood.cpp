#include "template_likelihood.hpp"

#include <algorithm>
#include <vector>

#include "../base/layout.hpp"
#include "../base/parallel.hpp"
#include "../simd/choose.hpp"
#include "inference_kernels.hpp"

namespace nanotilt {
namespace {

// Samples that one thread takes through all templates of a call: their values (64 KiB at 128 values) stay in the second-level
// cache, one panel (24 KiB) in the first.
constexpr std::ptrdiff_t samples_per_piece = 128;

// Far beyond any distance, yet finite, and so are sums of a few.
constexpr float unreachable = 1e37F;

// Panels start at a cache line, so that no vector of AVX-512 lies across two (a quarter of the time).
struct Packed {
    ScratchPool values;
    std::vector<float> squared_norms;
    std::ptrdiff_t n_panels;
};

Packed pack(const float* templates, std::ptrdiff_t n_templates, std::ptrdiff_t n_values, int n_threads, const Stop& stop) {
    constexpr std::ptrdiff_t width = templates_per_panel;
    const std::ptrdiff_t n_panels = (n_templates + width - 1) / width;
    Packed packed{ScratchPool(1, static_cast<std::size_t>(n_panels * width * n_values)),
                  std::vector<float>(static_cast<std::size_t>(n_panels * width), unreachable), n_panels};
    float* values = packed.values.slice(0);
    std::fill(values + (n_panels > 0 ? n_panels - 1 : 0) * width * n_values, values + n_panels * width * n_values, 0.0F);
    float* norms = packed.squared_norms.data();
    parallel_for(n_panels, 16, n_threads, 0, stop, [&](std::ptrdiff_t begin, std::ptrdiff_t end, float*) {
        for (std::ptrdiff_t t = begin * width; t < std::min(end * width, n_templates); ++t) {
            float* column = values + t / width * width * n_values + t % width;
            double norm = 0.0;
            for (std::ptrdiff_t v = 0; v < n_values; ++v) {
                const float value = templates[t * n_values + v];
                column[v * width] = value;
                norm += static_cast<double>(value) * static_cast<double>(value);
            }
            norms[t] = static_cast<float>(norm);
        }
    });
    return packed;
}

}  // namespace

TemplateScratch take_template_scratch(Arena& arena, std::ptrdiff_t n_samples, int n_widths) {
    TemplateScratch s{};
    s.norms = arena.take<float>(n_samples);
    s.smallest = arena.take<float>(n_samples);
    s.lane_sums = arena.take<float>(n_samples, static_cast<std::ptrdiff_t>(n_widths) * lane_count);
    return s;
}

void add_templates(const float* samples, std::ptrdiff_t n_samples, const float* templates, std::ptrdiff_t n_templates,
                   std::ptrdiff_t n_values, const TemplateSums& totals, int n_threads, const Stop& stop) {
    const InferenceKernels& kernels = active_kernels().inference;
    Packed packed = pack(templates, n_templates, n_values, n_threads, stop);
    const TemplatePanels panels{packed.values.slice(0), packed.squared_norms.data(), packed.n_panels, n_values};
    const std::ptrdiff_t n_pieces = (n_samples + samples_per_piece - 1) / samples_per_piece;
    const auto list = [&](Arena& arena) { return take_template_scratch(arena, samples_per_piece, totals.n_widths); };
    parallel_for(n_pieces, 1, n_threads, list, stop,
                 [&](std::ptrdiff_t first_piece, std::ptrdiff_t last_piece, const TemplateScratch& scratch) {
                     for (std::ptrdiff_t piece = first_piece; piece < last_piece && !stop.wanted(); ++piece) {
                         const std::ptrdiff_t begin = piece * samples_per_piece;
                         const std::ptrdiff_t count = std::min(samples_per_piece, n_samples - begin);
                         const TemplateSums own{totals.smallest + begin, totals.sums + begin * totals.n_widths, totals.n_widths,
                                                totals.narrowness};
                         kernels.add_templates(panels, samples + begin * n_values, count, own, scratch, stop);
                     }
                 });
}

}  // namespace nanotilt
