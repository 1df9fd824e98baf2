#pragma once
// A certificate of its own authority, made for a test.

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <string>

#include "core/files.h"

namespace thaw {

/// The PEM files of a server whose certificate holds the given names ("DNS:localhost,IP:127.0.0.1").
class TestCertificate {
 public:
  explicit TestCertificate(const std::string& names)
      : folder_(TemporaryDirectory::create("thaw-tls").value()) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), &X509_free);
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
    X509_set_pubkey(made.get(), key.get());
    X509_NAME* const subject = X509_get_subject_name(made.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"),
                               -1, -1, 0);
    X509_set_issuer_name(made.get(), subject);
    X509V3_CTX context;
    X509V3_set_ctx(&context, made.get(), made.get(), nullptr, nullptr, 0);
    for (const auto& [id, value] : {std::pair<int, std::string>{NID_subject_alt_name, names},
                                    {NID_basic_constraints, "critical,CA:TRUE"}}) {
      X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
      EXPECT_NE(extension, nullptr);
      X509_add_ext(made.get(), extension, -1);
      X509_EXTENSION_free(extension);
    }
    X509_sign(made.get(), key.get(), EVP_sha256());
    write(certificate(), [&](std::FILE* file) { return PEM_write_X509(file, made.get()); });
    write(this->key(), [&](std::FILE* file) {
      return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }

  [[nodiscard]] Path certificate() const { return folder_.path() / "certificate.pem"; }
  [[nodiscard]] Path key() const { return folder_.path() / "key.pem"; }

 private:
  template <class Writer>
  static void write(const Path& path, Writer writer) {
    std::FILE* const file = std::fopen(path.c_str(), "w");
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(writer(file), 1);
    std::fclose(file);
  }

  TemporaryDirectory folder_;
};

}  // namespace thaw
