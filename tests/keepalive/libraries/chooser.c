/* Chooses by itself: from the first idle container on; with the parameter "twice", the first one twice; with "beyond", one
 * that is not there. */
#include <stdlib.h>
#include <string.h>
#include <thaw/policy/policy.h>

static void* create(const char* parameters, uint64_t seed, char* error, size_t error_size) {
  (void)seed, (void)error, (void)error_size;
  return strdup(parameters);
}
static void destroy(void* state) { free(state); }

static size_t choose(void* state, double to_free_mb, const thaw_policy_container* idle, size_t count,
                     size_t* victims, double now_ms) {
  size_t chosen = 0;
  (void)now_ms;
  while (to_free_mb > 0 && chosen < count) {
    to_free_mb -= idle[chosen].memory_mb;
    victims[chosen] = strcmp(state, "twice") == 0 ? 0 : strcmp(state, "beyond") == 0 ? count : chosen;
    ++chosen;
  }
  return chosen;
}

const thaw_policy_table* thaw_policy(void) {
  static const thaw_policy_table table = {.version = THAW_POLICY_VERSION,
                                          .container_size = sizeof(thaw_policy_container),
                                          .create = create,
                                          .destroy = destroy,
                                          .choose = choose};
  return &table;
}
