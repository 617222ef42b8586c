// Of all columns of a row, which one's marked pixel is nearest to each pixel: the lower envelope of parabolas, one a column, whose
// heights are squared distances within the column (Meijster et al. 2000; Felzenszwalb and Huttenlocher 2012). Exact, in integers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nanotilt {

class Envelope {
   public:
    /// `places` holds 2 * columns.
    Envelope(std::int32_t* places, std::ptrdiff_t columns) : column_(places), from_(places + columns) {}

    void clear() { n_ = 0; }

    /// Adds a column, which lies right of all before; heights[column] is how far its nearest marked pixel is. No pixel left of
    /// `begin` will be asked for. Of two columns that are as near, the left one counts.
    void add(std::int32_t column, const std::int32_t* heights, std::int32_t begin) {
        std::int32_t from = begin;
        while (n_ > 0) {
            from = first_nearer(column_[n_ - 1], column, heights);
            if (from > from_[n_ - 1]) {
                break;
            }
            from = begin;
            --n_;
        }
        column_[n_] = column;
        from_[n_] = from;
        ++n_;
    }

    /// The column that is nearest to the pixel at `at`; -1 if none was added. To be asked from right to left.
    std::int32_t take(std::int32_t at) {
        while (n_ > 1 && from_[n_ - 1] > at) {
            --n_;
        }
        return n_ == 0 ? -1 : column_[n_ - 1];
    }

   private:
    /// The first pixel that is nearer to the column on the right than to that on the left.
    static std::int32_t first_nearer(std::int32_t left, std::int32_t right, const std::int32_t* heights) {
        // Both squares and their sum fit: images have sides of 2^14 at most, and 32-bit divisions take half the time.
        const std::int32_t of_left = left * left + heights[left] * heights[left];
        const std::int32_t of_right = right * right + heights[right] * heights[right];
        const std::int32_t twice = 2 * (right - left);
        const std::int32_t above = of_right - of_left;
        // Rounded down, also below 0.
        return above / twice - static_cast<std::int32_t>(above % twice < 0) + 1;
    }

    std::int32_t* column_;
    std::int32_t* from_;
    std::ptrdiff_t n_ = 0;
};

}  // namespace nanotilt
