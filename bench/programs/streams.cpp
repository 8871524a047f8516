// What is large in the C++ library: formatted streams and regular expressions. COUNT reports
// are written as a stream formats them, and read back with an expression.
#include <cstdint>
#include <iomanip>
#include <regex>
#include <sstream>
#include <string>

#include "bench.h"

namespace {

struct Sighting {
    unsigned hour, minute, birds;
    double kilometres;
    friend bool operator==(const Sighting&, const Sighting&) = default;
};

std::string report(const Sighting& sighting) {
    std::ostringstream out;
    out << std::setfill('0') << std::setw(2) << sighting.hour << ':' << std::setw(2)
        << sighting.minute << ", " << sighting.birds << " waxwings, " << std::fixed
        << std::setprecision(1) << sighting.kilometres << " km from here";
    return out.str();
}

bool read(const std::string& text, Sighting& sighting) {
    static const std::regex form(R"((\d\d):(\d\d), (\d+) (?:waxwings|robins), ([0-9.]+) km.*)");
    std::smatch parts;
    if (!std::regex_match(text, parts, form)) return false;
    std::istringstream in(parts[1].str() + ' ' + parts[2].str() + ' ' + parts[3].str() + ' ' +
                          parts[4].str());
    return static_cast<bool>(in >> sighting.hour >> sighting.minute >> sighting.birds >>
                             sighting.kilometres);
}

}  // namespace

int main(int argc, char** argv) {
    const unsigned count = bench_count(argc, argv, 8000);
    std::uint32_t seed = 12;
    bool right = true;
    for (unsigned i = 0; i < count; ++i) {
        const Sighting made{bench_random(&seed) % 24, bench_random(&seed) % 60,
                            bench_random(&seed) % 1000, (bench_random(&seed) % 400) / 2.0};
        Sighting found{};
        right = read(report(made), found) && found == made && right;
    }
    return bench_end("streams", count, right);
}
