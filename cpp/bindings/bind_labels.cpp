// What follows from label images, maps of middles, and masks of scans that leave pixels out.
#include <algorithm>
#include <cstring>
#include <utility>

#include "../core/base/parallel.hpp"
#include "../core/geometry/labels.hpp"
#include "../core/geometry/nearest.hpp"
#include "../core/instruments/scan_mask.hpp"
#include "../core/program/recipe_limits.hpp"
#include "../core/program/sample_kernels.hpp"
#include "../core/simd/choose.hpp"
#include "argument_checks.hpp"
#include "without_gil.hpp"

namespace nanotilt::bindings {
namespace {

/// Label images (n, rows, columns), none of them empty.
struct LabelStack {
    const std::int32_t* pixels;
    py::ssize_t count;
    py::ssize_t rows;
    py::ssize_t columns;

    [[nodiscard]] py::ssize_t size() const { return rows * columns; }
    [[nodiscard]] InstanceMap map(py::ssize_t i) const { return {pixels + i * size(), rows, columns, columns}; }
};

LabelStack label_stack_of(const py::array& instances) {
    const auto* data = data_of<std::int32_t>(instances, "instances", 3);
    expect_count("rows of instances", instances.shape(1), 1, image_side_limit);
    expect_count("columns of instances", instances.shape(2), 1, image_side_limit);
    return {data, instances.shape(0), instances.shape(1), instances.shape(2)};
}

/// Calls work(i, scratch, points) for each image, on several threads, without the GIL. `list` takes the scratch memory.
template <class List, class Work>
void for_each_image(py::ssize_t count, int n_threads, const List& list, const Work& work) {
    without_gil([&](const Stop& stop) {
        parallel_for(count, 1, n_threads, list, stop, [&](std::ptrdiff_t begin, std::ptrdiff_t end, const auto& scratch) {
            StopPoints points(stop);
            for (std::ptrdiff_t i = begin; i < end && !stop.wanted(); ++i) {
                work(i, scratch, points);
            }
        });
    });
}

/// What work takes that needs no scratch memory.
struct Nothing {};

Nothing take_nothing(Arena& /*arena*/) {
    return {};
}

py::array_t<std::uint8_t> boundaries(const py::array& instances, int n_threads) {
    const LabelStack stack = label_stack_of(instances);
    py::array_t<std::uint8_t> out({stack.count, stack.rows, stack.columns});
    std::uint8_t* data = out.mutable_data();
    for_each_image(stack.count, n_threads, take_nothing,
                   [&](py::ssize_t i, const Nothing&, StopPoints&) { mark_boundary(stack.map(i), data + i * stack.size()); });
    return out;
}

py::array_t<float> distances(const py::array& instances, int n_threads) {
    const LabelStack stack = label_stack_of(instances);
    py::array_t<float> out({stack.count, stack.rows, stack.columns});
    float* data = out.mutable_data();
    const auto list = [&](Arena& arena) {
        return std::pair{arena.take<std::int32_t>(stack.rows, stack.columns), arena.take<std::int32_t>(2, stack.columns)};
    };
    for_each_image(stack.count, n_threads, list, [&](py::ssize_t i, const auto& scratch, StopPoints& points) {
        measure_distance(stack.map(i), scratch.first, scratch.second, data + i * stack.size(), points);
    });
    return out;
}

py::array_t<float> rays_of(const py::array& instances, int n_threads) {
    const LabelStack stack = label_stack_of(instances);
    constexpr py::ssize_t n_rays = 32;
    const py::ssize_t rows = stack.rows / 2;
    const py::ssize_t columns = stack.columns / 2;
    expect_result_fits("rows of instances", rows, columns, n_rays, stack.count);
    py::array_t<float> out({stack.count, rows, columns, n_rays});
    float* data = out.mutable_data();
    for_each_image(stack.count, n_threads, take_nothing, [&](py::ssize_t i, const Nothing&, StopPoints& points) {
        measure_rays(stack.map(i), data + i * rows * columns * n_rays, points);
    });
    return out;
}

py::tuple boxes_of(const py::array& instances, py::ssize_t n_boxes, int n_threads) {
    const LabelStack stack = label_stack_of(instances);
    expect_count("n_boxes", n_boxes, 0, result_limit);
    expect_result_fits("n_boxes", n_boxes, 4, stack.count);
    std::int32_t largest = 0;
    without_gil([&](const Stop& stop) {
        StopPoints points(stop);
        for (py::ssize_t row = 0; row < stack.count * stack.rows && !points.stop_after(stack.columns); ++row) {
            const std::int32_t* own = stack.pixels + row * stack.columns;
            for (py::ssize_t column = 0; column < stack.columns; ++column) {
                // Numbers below 0 count as large ones.
                largest = std::max(largest, own[column] < 0 ? std::numeric_limits<std::int32_t>::max() : own[column]);
            }
        }
    });
    expect_count("instances", largest, 0, n_boxes);
    py::array_t<std::int32_t> boxes({stack.count, n_boxes, py::ssize_t{4}});
    py::array_t<std::int32_t> visible({stack.count, n_boxes});
    std::int32_t* box = boxes.mutable_data();
    std::int32_t* seen = visible.mutable_data();
    for_each_image(stack.count, n_threads, take_nothing, [&](py::ssize_t i, const Nothing&, StopPoints&) {
        measure_boxes(stack.map(i), n_boxes, box + 4 * i * n_boxes, seen + i * n_boxes);
    });
    return py::make_tuple(boxes, visible);
}

py::array_t<float> centres_of(const py::array& bodies, py::ssize_t n_pixels, int n_threads) {
    const float* in = data_of<float>(bodies, "bodies", 3);
    if (bodies.shape(2) != 3) {
        throw py::value_error("bodies must have x, y and radius");
    }
    expect_all_within("bodies", in, bodies.size(), std::numeric_limits<float>::max());
    expect_count("n_pixels", n_pixels, 1, image_side_limit);
    const py::ssize_t count = bodies.shape(0);
    const py::ssize_t of_each = bodies.shape(1);
    expect_result_fits("n_pixels", n_pixels, n_pixels, count);
    py::array_t<float> out({count, n_pixels, n_pixels});
    float* data = out.mutable_data();
    for_each_image(count, n_threads, take_nothing, [&](py::ssize_t i, const Nothing&, StopPoints& points) {
        float* to = data + i * n_pixels * n_pixels;
        std::fill(to, to + n_pixels * n_pixels, 0.0F);
        for (py::ssize_t k = 0; k < of_each; ++k) {
            const float* body = in + 3 * (i * of_each + k);
            if (body[2] > 0.0F) {
                raise_centre(body[0], body[1], body[2], n_pixels, to);
            }
            // No more than the image's pixels, about, however large the body.
            const double side = std::min(8.0 + 2.0 * static_cast<double>(body[2]), static_cast<double>(n_pixels));
            if (points.stop_after(static_cast<py::ssize_t>(side > 0.0 ? side * side : 0.0))) {
                return;
            }
        }
    });
    return out;
}

py::array_t<std::int32_t> nearest_of(const py::array& marked, int n_threads) {
    const auto* in = data_of<std::uint8_t>(marked, "mask", 3);
    const py::ssize_t rows = marked.shape(1);
    const py::ssize_t columns = marked.shape(2);
    expect_count("rows of mask", rows, 1, image_side_limit);
    expect_count("columns of mask", columns, 1, image_side_limit);
    py::array_t<std::int32_t> out({marked.shape(0), rows, columns});
    std::int32_t* data = out.mutable_data();
    const py::ssize_t size = rows * columns;
    const auto list = [&](Arena& arena) { return take_nearest_scratch(arena, rows, columns); };
    for_each_image(marked.shape(0), n_threads, list, [&](py::ssize_t i, const NearestScratch& scratch, StopPoints& points) {
        find_nearest(in + i * size, rows, columns, scratch, data + i * size, points);
    });
    return out;
}

py::array_t<std::uint8_t> scan_masks(int kind, double fraction, py::ssize_t n_pixels, std::uint64_t seed, std::uint64_t start,
                                     py::ssize_t count, int n_threads) {
    expect_count("kind", kind, static_cast<int>(ScanKind::all), static_cast<int>(ScanKind::rows));
    expect_within("fraction", fraction, 1e-3, 1.0);
    expect_count("n_pixels", n_pixels, 1, scan_pixels_limit);
    expect_count("count", count, 0, result_limit);
    expect_result_fits("count", count, n_pixels, n_pixels);
    py::array_t<std::uint8_t> out({count, n_pixels, n_pixels});
    std::uint8_t* data = out.mutable_data();
    const ScanWords draw = active_kernels().samples.scan_words;
    for_each_image(count, n_threads, take_nothing, [&](py::ssize_t i, const Nothing&, StopPoints&) {
        const StreamPosition at{philox_key(seed), 0, start + static_cast<std::uint64_t>(i)};
        write_scan_mask(draw, static_cast<ScanKind>(kind), fraction, n_pixels, at, 0, data + i * n_pixels * n_pixels);
    });
    return out;
}

}  // namespace

void bind_labels(py::module_& module) {
    module.def("boundary", &boundaries, py::arg("instances"), py::arg("n_threads"), "1 where a pixel borders another instance.");
    module.def("distance", &distances, py::arg("instances"), py::arg("n_threads"), "Distance to what is not of the instance.");
    module.def("rays", &rays_of, py::arg("instances"), py::arg("n_threads"), "The same along 32 directions, every second pixel.");
    module.def("boxes", &boxes_of, py::arg("instances"), py::arg("n_boxes"), py::arg("n_threads"),
               "Boxes (n, n_boxes, 4) and numbers of pixels (n, n_boxes) of instances.");
    module.def("centres", &centres_of, py::arg("bodies"), py::arg("n_pixels"), py::arg("n_threads"),
               "Maps of the middles of bodies (n, n_bodies, 3): x, y, radius; those of radius 0 are left out.");
    module.def("nearest_marked", &nearest_of, py::arg("mask"), py::arg("n_threads"),
               "Where the nearest marked pixel is: row * columns + column; -1 if there is none.");
    module.def("scan_masks", &scan_masks, py::arg("kind"), py::arg("fraction"), py::arg("n_pixels"), py::arg("seed"),
               py::arg("start"), py::arg("count"), py::arg("n_threads"), "Masks of the scans of samples start, start + 1, ...");
}

}  // namespace nanotilt::bindings
