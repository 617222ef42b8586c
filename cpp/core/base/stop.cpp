#include "stop.hpp"

namespace nanotilt {

Stop::~Stop() = default;

bool Stop::wanted() const noexcept {
    return false;
}

const Stop never;

const char* Stopped::what() const noexcept {
    return "stopped before its end";
}

bool StopPoints::ask() noexcept {
    if (stop_.wanted()) {
        return true;  // and again at every step from here on
    }
    left_ = steps_between;
    return false;
}

}  // namespace nanotilt
