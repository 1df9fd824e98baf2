/* A table of another version of the interface. */
#include <thaw/policy/policy.h>

const thaw_policy_table* thaw_policy(void) {
  static const thaw_policy_table table = {.version = 99, .container_size = sizeof(thaw_policy_container)};
  return &table;
}
