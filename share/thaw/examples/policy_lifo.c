/* An example of a keep-alive policy as a shared library: the container used last goes first, which is the wrong way
 * round, so that the difference shows.
 *
 *   cc -shared -fPIC -o policy_lifo.so policy_lifo.c
 *   thaw sim run --trace T --memory 4GB --policy lru,lib:./policy_lifo.so,lib:./policy_lifo.so:600000
 *
 * The text after the path is a keep-alive in ms; without it containers stay until they are evicted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <thaw/policy/policy.h>

struct lifo {
  double keep_ms;
};

static void* create(const char* parameters, uint64_t seed, char* error, size_t error_size) {
  struct lifo* lifo = malloc(sizeof *lifo);
  (void)seed;
  if (lifo == NULL) {
    snprintf(error, error_size, "no memory");
    return NULL;
  }
  lifo->keep_ms = -1;
  if (*parameters != '\0') {
    char* end;
    lifo->keep_ms = strtod(parameters, &end);
    if (*end != '\0') {
      snprintf(error, error_size, "the keep-alive must be a number of ms, got \"%s\"", parameters);
      free(lifo);
      return NULL;
    }
  }
  return lifo;
}

static void destroy(void* state) { free(state); }

static double on_start(void* state, const thaw_policy_container* container, int is_cold, double now_ms) {
  (void)container, (void)is_cold, (void)now_ms;
  return ((struct lifo*)state)->keep_ms;
}

static double rank(void* state, const thaw_policy_container* container, double now_ms) {
  (void)state, (void)now_ms;
  return -(double)container->last_use;
}

const thaw_policy_table* thaw_policy(void) {
  static const thaw_policy_table table = {
      .version = THAW_POLICY_VERSION,
      .container_size = sizeof(thaw_policy_container),
      .create = create,
      .destroy = destroy,
      .on_start = on_start,
      .rank = rank,
  };
  return &table;
}
