// The release program is built on Debian 12 and runs on systems with glibc 2.34 and GCC 11's C++ library, such as RHEL 9. Three
// functions would ask for newer ones, because their symbols have newer versions there; these definitions take their place.
#ifdef __linux__
#include <features.h>
#endif
#if defined(__linux__) && defined(__GLIBC__)
#include <math.h>
#include <pthread.h>

// The Swift overlay of the C library refers to both; only errno's treatment differs between the versions.
double hypot(double x, double y) { return (double)hypotl(x, y); }
float hypotf(float x, float y) { return (float)hypotl(x, y); }

// std::condition_variable::wait(std::unique_lock<std::mutex>&), as libstdc++ has it in its headers' types: a condition variable
// holds a pthread_cond_t alone, a lock begins with the pointer to its mutex.
void _ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE(pthread_cond_t *condition, pthread_mutex_t **lock) {
    pthread_cond_wait(condition, *lock);
}
#endif
