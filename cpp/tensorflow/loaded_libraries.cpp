#include "loaded_libraries.hpp"

#include <dlfcn.h>

#ifdef __APPLE__
#include <mach-o/dyld.h>

#include <cstdint>
#else
#include <link.h>

#include <cstddef>
#endif

namespace nanotilt::tf {

#ifdef __APPLE__

std::vector<std::string> loaded_libraries() {
    std::vector<std::string> paths;
    // Image 0 is the main program. A library unloaded meanwhile by another thread yields a null name.
    for (std::uint32_t i = 1; i < _dyld_image_count(); ++i) {
        if (const char* name = _dyld_get_image_name(i); name != nullptr) {
            paths.emplace_back(name);
        }
    }
    return paths;
}

#else

namespace {

int collect_path(dl_phdr_info* info, std::size_t /*size*/, void* paths) {
    if (info->dlpi_name != nullptr && *info->dlpi_name != '\0') {
        static_cast<std::vector<std::string>*>(paths)->emplace_back(info->dlpi_name);
    }
    return 0;
}

}  // namespace

std::vector<std::string> loaded_libraries() {
    std::vector<std::string> paths;
    // Only names are taken here: opening a library inside the walk could deadlock with a dlopen of another thread.
    dl_iterate_phdr(&collect_path, &paths);
    return paths;
}

#endif

void* find_symbol(const std::string& path, const char* symbol) noexcept {
    void* library = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
    if (library == nullptr) {
        return nullptr;
    }
    void* address = dlsym(library, symbol);
    dlclose(library);  // gives back the reference just taken; the library stays loaded
    return address;
}

void* find_global_symbol(const char* symbol) noexcept {
    return dlsym(RTLD_DEFAULT, symbol);
}

}  // namespace nanotilt::tf
