// run_measured REPORT COMMAND...: runs a command and writes to the file REPORT what that took:
// "STATUS USER SYSTEM WALL PEAK", the status as waitpid gives it, times in seconds, and the
// largest resident size in KiB.
//
// A process's peak includes what its parent held when it was started. Python holds more than
// a small interpreter ever needs; this program holds next to nothing.
#include <chrono>
#include <cstdio>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fputs("usage: run_measured REPORT COMMAND...\n", stderr);
        return 2;
    }
    const auto begin = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        std::perror(argv[2]);
        _exit(127);
    }
    int status = 0;
    rusage usage{};
    if (child < 0 || wait4(child, &status, 0, &usage) < 0) {
        std::perror("run_measured");
        return 1;
    }
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
    std::FILE* report = std::fopen(argv[1], "w");
    if (!report) {
        std::perror(argv[1]);
        return 1;
    }
    std::fprintf(report, "%d %.6f %.6f %.6f %ld\n", status, seconds(usage.ru_utime),
                 seconds(usage.ru_stime), wall.count(), usage.ru_maxrss);
    return std::fclose(report) == 0 ? 0 : 1;
}
