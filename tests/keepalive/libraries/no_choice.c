/* A table without rank and choose. */
#include <thaw/policy/policy.h>

static void* create(const char* parameters, uint64_t seed, char* error, size_t error_size) {
  (void)parameters, (void)seed, (void)error, (void)error_size;
  return &create;
}
static void destroy(void* state) { (void)state; }

const thaw_policy_table* thaw_policy(void) {
  static const thaw_policy_table table = {.version = THAW_POLICY_VERSION,
                                          .container_size = sizeof(thaw_policy_container),
                                          .create = create,
                                          .destroy = destroy};
  return &table;
}
