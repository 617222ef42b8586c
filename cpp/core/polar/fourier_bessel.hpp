// Fourier-Bessel coefficients of images on a disc, and images of coefficients.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "../base/arena.hpp"
#include "../base/stop.hpp"
#include "polar_cells.hpp"
#include "polar_kernels.hpp"

namespace nanotilt {

/// What is wanted of which disc. Orders are 0, step, 2 step, ...
struct DiscWanted {
    ImageShape shape;
    PolarCentre centre;
    double radius;
    int n_max;
    int n_orders;
    int step;
    /// Whether a pixel also stands for the opposite one where that is not seen; `step` is 2 then.
    bool friedel;
};

struct DiscScratch {
    float* shell;
    float* sums;
    float* row;
};

/// One geometry, apart from images: built once, then used by any number of threads.
///
/// The disc is cut into thin shells, on each of which a radial function is a polynomial of shell_terms terms: sums of powers over
/// the pixels of a shell give the coefficients without a table of all functions at all pixels.
class DiscPlan {
   public:
    /// `mask` null: all pixels are seen. Throws Stopped where that is wanted.
    DiscPlan(const DiscWanted& wanted, const std::uint8_t* mask, const Stop& stop);

    [[nodiscard]] const DiscWanted& wanted() const { return wanted_; }
    [[nodiscard]] std::ptrdiff_t n_seen() const { return n_seen_; }
    [[nodiscard]] std::ptrdiff_t n_shells() const { return n_shells_; }

    DiscScratch take_scratch(Arena& arena) const;

    /// Sums over the pixels of each shell of image * weight * place^k * exp(-i * order * angle), place -1 and 1 at the shell's
    /// borders: real and imaginary parts (n_orders, 2, n_shells, shell_terms), in scratch.sums.
    void sum_shells(const float* image, const DiscScratch& scratch, const Stop& stop) const;

    /// Coefficients (n_max, n_orders) as pairs of real and imaginary part.
    void transform(const float* image, const DiscScratch& scratch, float* coefficients, const Stop& stop) const;

    /// Writes to the pixels of the disc, and 0 to all others.
    void draw(const float* coefficients, const DiscScratch& scratch, float* image, const Stop& stop) const;

   private:
    void make_table(const Stop& stop);
    void list_pixels(const std::uint8_t* mask, const Stop& stop);
    [[nodiscard]] ShellPixels pixels_of(std::ptrdiff_t shell) const;
    [[nodiscard]] std::ptrdiff_t length() const { return n_shells_ * shell_terms; }
    [[nodiscard]] const float* table_of(int order) const { return table_.data() + order * length() * stride_; }

    DiscWanted wanted_;
    std::ptrdiff_t n_shells_ = 0;
    std::ptrdiff_t stride_ = 0;
    std::ptrdiff_t n_seen_ = 0;
    std::vector<float> table_;
    std::vector<std::ptrdiff_t> first_;
    std::vector<std::int32_t> pixel_;
    std::vector<float> weight_;
    std::vector<float> place_;
    std::vector<float> cos_;
    std::vector<float> sin_;
};

}  // namespace nanotilt
