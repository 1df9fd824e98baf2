// redfish_stub CERTIFICATE_FILE [WATTS]: a management controller for tests of whole commands. Writes its certificate
// to the file, prints its address, and serves until its standard input ends. User admin, password "correct horse".

#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include "core/text.h"
#include "fakes/redfish_stub.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: redfish_stub CERTIFICATE_FILE [WATTS]\n";
    return 2;
  }
  thaw::fakes::StubOptions options;
  const double watts = argc > 2 ? thaw::parse_number(argv[2]).value_or(200) : 200;
  options.watts = [watts](thaw::WallTime) { return watts; };
  const thaw::fakes::RedfishStub stub(options);
  std::ofstream(argv[1]) << stub.certificate();
  std::cout << stub.url() << std::endl;
  while (std::getchar() != EOF) continue;
  return 0;
}
