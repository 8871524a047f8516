// The C++ standard library: strings in an ordered and a hashed map, sorting with a closure,
// virtual calls through smart pointers, algorithms over iterators; COUNT rounds. Both maps
// must tell the same.
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench.h"

namespace {

class Shape {
public:
    virtual ~Shape() = default;
    virtual std::uint64_t area() const = 0;
};

class Rectangle final : public Shape {
public:
    Rectangle(std::uint32_t width, std::uint32_t height) : width_(width), height_(height) {}
    std::uint64_t area() const override { return std::uint64_t{width_} * height_; }

private:
    std::uint32_t width_, height_;
};

class Group final : public Shape {
public:
    void add(std::unique_ptr<Shape> part) { parts_.push_back(std::move(part)); }
    std::uint64_t area() const override {
        return std::accumulate(
            parts_.begin(), parts_.end(), std::uint64_t{0},
            [](std::uint64_t sum, const auto& part) { return sum + part->area(); });
    }

private:
    std::vector<std::unique_ptr<Shape>> parts_;
};

bool maps_agree(std::uint32_t& seed) {
    std::map<std::string, int> ordered;
    std::unordered_map<std::string, int> hashed;
    for (int i = 0; i < 5000; ++i) {
        const std::string key = "key number " + std::to_string(bench_random(&seed) % 1000);
        ++ordered[key];
        ++hashed[key];
    }
    return ordered.size() == hashed.size() &&
           std::all_of(ordered.begin(), ordered.end(), [&](const auto& entry) {
               const auto found = hashed.find(entry.first);
               return found != hashed.end() && found->second == entry.second;
           });
}

bool sorts(std::uint32_t& seed) {
    std::vector<std::string> words;
    for (int i = 0; i < 1000; ++i)
        words.push_back(std::to_string(bench_random(&seed)));
    const std::function<bool(const std::string&, const std::string&)> shorter =
        [](const std::string& a, const std::string& b) {
            return a.size() != b.size() ? a.size() < b.size() : a < b;
        };
    std::sort(words.begin(), words.end(), shorter);
    std::vector<unsigned long> numbers;
    std::transform(words.begin(), words.end(), std::back_inserter(numbers),
                   [](const std::string& word) { return std::stoul(word); });
    return std::is_sorted(numbers.begin(), numbers.end());
}

bool areas_add_up(std::uint32_t& seed) {
    Group all;
    std::uint64_t sum = 0;
    for (int i = 0; i < 100; ++i) {
        auto group = std::make_unique<Group>();
        for (int j = 0; j < 20; ++j) {
            const std::uint32_t width = bench_random(&seed) % 100, height = bench_random(&seed);
            sum += std::uint64_t{width} * height;
            group->add(std::make_unique<Rectangle>(width, height));
        }
        all.add(std::move(group));
    }
    return all.area() == sum;
}

}  // namespace

int main(int argc, char** argv) {
    const unsigned count = bench_count(argc, argv, 60);
    std::uint32_t seed = 99;
    bool right = true;
    for (unsigned i = 0; i < count; ++i)
        right = maps_agree(seed) && sorts(seed) && areas_add_up(seed) && right;
    return bench_end("stl", count, right);
}
