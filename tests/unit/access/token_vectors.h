// Keys and tokens that another implementation made: Python's cryptography 48, with one key of each kind and
// one token of each algorithm, {"sub":"alice","exp":4102444800}.
#pragma once

#include <array>
#include <string_view>

namespace srs::access::vectors {

inline constexpr std::string_view jwks =
    R"({"keys":[{"kty":"oct","kid":"hs","k":"YSBzZWNyZXQgb2YgMzIgYnl0ZXMsIGFuZCBubyBsZXM"},{"kty":"RSA")"
    R"(,"kid":"rsa","use":"sig","n":"uQLnaXO4rCeeiaDOgt8x19mCzafhLQpWQM2k0S-ngzw_wt8ZmJxgKApiBpMdtAbCaC)"
    R"(12TzUoy5Gn9U2mpPbV-qqW77iXj-DicyoWpW8bDLVcDIgy0WbJeJm07owFIL6O2NJ7kPvSXtHFoLX9I6g9p_sG9hYUVkIsFf)"
    R"(BAZP0jPT-DM3sig4jfzR9_pDBFopPO1sxM59rtaGxlgDiaJkeIOne3ICgic4dzR5izcqluanmXSNMaFVeEbgKHBE288ZVC50)"
    R"(kKWu1d7JQWGykTBVotF2T6vkRpC4t0fbT1bW1Tpzvm7UylKS2jU27cwKTRTwesOvQIVNgx5oRu5xbheqpfaw","e":"AQAB")"
    R"(},{"kty":"EC","kid":"es256","crv":"P-256","x":"20UCQBUH5-w87z9k0nm2fQeDvAIRW9NIJqeO9F2qf9M","y":)"
    R"("dhX2t8vk59m0kYYCnamPL7YEvjcQz1mznv2fUzAwgk4"},{"kty":"EC","kid":"es384","crv":"P-384","x":"Vk9t)"
    R"(ljOZQmiRhvruWcSvViiHM1T2mZvcjHNSwTJGcxdRA3Vxcp42oIm-ZUXCLxtY","y":"IXpU-lVR-xTW_1NyC5dS4aw7SrRGH)"
    R"(JPJU7ELxVswTC5dW7dIeAU-KfEdB_s-zkKF"},{"kty":"EC","kid":"es512","crv":"P-521","x":"APp_0d112C5XF)"
    R"(F0wljHK-uzMtwPQKQ4dpVvZ1Kc3Hxnx3JHMA4EPJYX7NFlwEQKZB3x7f9Juap-t4JMlfCMmjzrE","y":"AGs3XEXB6OflwD)"
    R"(NGJ88vzK3_xnTRBn5oGLQWP73Akm0LOghr4JNI5BmJXzRKX60FeHhmeuQt6GVJ9HKxIm_61rPY"},{"kty":"OKP","kid":)"
    R"("ed","crv":"Ed25519","x":"C_BthcsjdYTAH27hmhUM2wOS185YdCrKM8IzdyXD_GU"}]})";

inline constexpr std::array<std::string_view, 13> tokens{
    "eyJhbGciOiJIUzI1NiIsImtpZCI6ImhzIn0.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.5a1FnTvwAxoRksVe3bDg"
    "Qbai7YiyxbfzXNdzv2fKhrk",
    "eyJhbGciOiJIUzM4NCIsImtpZCI6ImhzIn0.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.AfB2qTZdbW5IICALLp4g"
    "ttbRIjV05UcmgJxJ8OAWJ2SM7vFDJUPxir7KRBOG4UBD",
    "eyJhbGciOiJIUzUxMiIsImtpZCI6ImhzIn0.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.RNbiMuVOPpzQQppegrSG"
    "woLyS8M4yBdNvfYNf6ZoiXgSSuJaepT3lMRbRbeIR4LLRScuSkomyjtDhOnclpHjVw",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.JAwOKcvi2RiwbHs6rY9"
    "tqJpAfFfwIDiwmCpM5EgTe1WoQSmFak9ED8MepKOrMkdm5xzCVNExGdhgCrgKCjL0jnBV5llNiAFZFYTlzWwFL6crr10YtUaU1Jn"
    "0BYiW0aK1sriNWKdS8IDq6or-LUmic7kcucyEotE4R-SGsWAccLKlSLFvSCFKkZXoFgLPoj1QJ_JIDm-gzMychfJX4AMvH2d-Ml5"
    "cmInarKNLZk_V_SpNKccb1h9TeUmpSNGi1mLpsk-ulYIXLm57VZcbkq4qZaqok6OF_iNQXPo9viv9imamgllFLEQ2rN2KFbxFtOD"
    "JygkpZc0my1ARGxNb7tC_RQ",
    "eyJhbGciOiJSUzM4NCIsImtpZCI6InJzYSJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.YSPetnkjo_QtRF35bol"
    "KpdAcslPHACyCsHaKSZOftxpvWDhOS-Tg6jGiU0TRsdlOuNNxAb2vJwP7blbSKZZ8H39GBtA9Aoi5REaAKcyUJjtZoKV5ZH6SqPi"
    "E-9f23SfC3rnYItoaf3UMzVmX8G18NDc7GH4IdnJVGjsSKnlx3Tg5-JyZz-8LW82NQT81YnM17xGk0jFA7SEpuYoEjLKcmH2QINA"
    "xmcBpf8lOT_yT0sMFQydqwpSfKg9RsGocZlNEYqzHPl-fBTtapX4msFeIIgMLLqAorlzjusQ0ukEXdzNrOyqmk1fbjqZNBv6EaMi"
    "lXEObUzM5ytSTrZJcp0ozzw",
    "eyJhbGciOiJSUzUxMiIsImtpZCI6InJzYSJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.FpnkGuZFXrKy_SnG7Cj"
    "Tb_G0XNDAsiF9N5PhBRuxVD-TebIE6O6heshYb9Z0AD7OtvGl4Jp8pwOtvPekl1sTjI_gcTax4R3vLEy_4UBFcsQa8QholQ_SaJu"
    "9BVDp5T8VnWWa12r6jF_6uCq7hqtTOfi_8i4ptQbZn_xif85GmgpAeVfO600usigxy86Ft2hpBJPJuAjCGdS-j-GQd7sZcqakVQy"
    "_m8ynkWvPpkf8h1U3a3EkH4l-maI6oUWXs0E0_YC3m8y19FIZWoHpMP2R3HaMgknLqKdIUG0yq5lpXT-m-5muoVTr_dsn75V0aKF"
    "5x-UHEjVriv4kYl1AsgK5sg",
    "eyJhbGciOiJQUzI1NiIsImtpZCI6InJzYSJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.LFO0QAKoCS_Wn1f_HPp"
    "3xIBvvWR2dbZBEY7sR7jSAom58MDD-llE4_ZLmID4U2wP5OVBIpwkY_pJWyOWw1SkuVrUKi6utuBd_mHHeDsrjEhg-FkLATHNOwg"
    "fJTdc_vpNJFqHwCXwiyjZsCXhoXxWhaPtXemtPNOCvRcW7zc-ilCJf3MrZcy4UUX8V9b_f5vhTaNZDqI10lNAyXSEu5TBsYuev8e"
    "SPgqMsKymzLwBsglnSVxLizjv10fE_WJduSgzRIpxkD5ChH_zDZ_AVxKgzySb-lB3pmeOw0BYjPGZ1fwTb2TQqynx_OTeSfKlbmR"
    "pEZV2XVAbsQr8SuyJeYNv1Q",
    "eyJhbGciOiJQUzM4NCIsImtpZCI6InJzYSJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.CcoAl5gfPkBBOdWvvIQ"
    "Dl8nxMgVQEpxJ_IxyvF220ZdPmlybBsF4ZeUNhYtCNTFMdfuEw0m1YcOYPNB0DAWOmXpqgVu6DDeZJUkhIjzkl-qEgSxH4bjjwKb"
    "BtD1PBtdYkM2fWH7AREMjgwueNuLoeF0XANPBUUwqSpnKLipABXEvM5F7bDHNA_qiEZYP-_Oc-FCLBIoKdYr4h2p31684twMZd5n"
    "Es8Kmxd8hbnh4OQlwSY-9wOgsU2fiRg3Q7qCdRdu8JMvNDMTVs04mijIF_93zAj7NqvTEC08WKc21zZbbm1gPFSxxeWKEdexVdJ5"
    "cQCVpgEtxmnAfs6AsXaifmw",
    "eyJhbGciOiJQUzUxMiIsImtpZCI6InJzYSJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.ChGmftMuHDlItlQG5Mm"
    "Z9One6eTsP7wxm4mmc1THCxEC_FXBbWbF4HzeRBgNhGZXnA_K8LDSiTvaQsO3qydViiB0OUi4oPWLk5OEte1AFb7GWURe3yXOiy_"
    "v2zU0vas1yfW_XdHlAu_XKCcDAiRJnaCvV65zjy_7vJIE_AAjU8ghYU6EOtoRqxFomMdlN_BB4y9M2_mVB7LEcjLRSFc-hOMPUNj"
    "qoEtqfix1SXrCRg987UBiKGIEd_sAzs4IQH4KlMyoTtdD59MdSCLt7msr4c6p_K8DBntjvV-_ThgxxFxM12rDKUtmev9oHdMiFUY"
    "BzX4yRJsFEPsX9JPMB0aC-Q",
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVzMjU2In0.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.wP9fAwJQRk1r2tMl"
    "bMCEJ9qRBvWo0V2OLcnozOZ11OqhOVyjg9AVGTsW7PffCY7JhXShE7I1TfwsloPRcEXCew",
    "eyJhbGciOiJFUzM4NCIsImtpZCI6ImVzMzg0In0.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.eYJeh_FEnWfxpfl2"
    "oBThyePdVr3zG2lMrZU3lQOwVXjyOkU5TPISjxLsbkOf_vgAkouFFgG42DAemT9YEsrGVLM3wxDndllkZJB1saC3EsxLKL2vqf49"
    "4YGA0yQOyMx5",
    "eyJhbGciOiJFUzUxMiIsImtpZCI6ImVzNTEyIn0.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.AGadPF31mHEskgyJ"
    "MxHUqSWATIVlKbvqACgudNt-aAHRFf7fp6wWwIN_wKFHTmD-W8Wx2R3fzF0sovopmvh98qvpASOvnSBNRI3Uw9e9PqEMtluvmC5n"
    "Pt9nHCY9UD_XEh1oANp41DDnDL6bvkmuqwF01MlJ5bw7zV7w5FKcPg8vBdsu",
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImVkIn0.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.rf_hP02xTi0bPaRb_qmB"
    "j7aM7Oo9041hnHlq_2Iglj0XMZqmQBem92pJZjxszsG6p1I_2nJo0UkBlFfYmHbIBA"};

inline constexpr std::string_view certificate =
    R"(-----BEGIN CERTIFICATE-----
MIIClzCCAX+gAwIBAgIBATANBgkqhkiG9w0BAQsFADAPMQ0wCwYDVQQDDAR0ZXN0
MB4XDTIwMDEwMTAwMDAwMFoXDTIxMDEwMTAwMDAwMFowDzENMAsGA1UEAwwEdGVz
dDCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBALkC52lzuKwnnomgzoLf
MdfZgs2n4S0KVkDNpNEvp4M8P8LfGZicYCgKYgaTHbQGwmgtdk81KMuRp/VNpqT2
1fqqlu+4l4/g4nMqFqVvGwy1XAyIMtFmyXiZtO6MBSC+jtjSe5D70l7RxaC1/SOo
Paf7BvYWFFZCLBXwQGT9Iz0/gzN7IoOI380ff6QwRaKTztbMTOfa7WhsZYA4miZH
iDp3tyAoInOHc0eYs3Kpbmp5l0jTGhVXhG4ChwRNvPGVQudJClrtXeyUFhspEwVa
LRdk+r5EaQuLdH209W1tU6c75u1MpSkto1Nu3MCk0U8HrDr0CFTYMeaEbucW4Xqq
X2sCAwEAATANBgkqhkiG9w0BAQsFAAOCAQEAt1doUK1GwaSaxPZg3XaT01JTLzCA
AUsRjzdirbYBS/7HH+45BCX1dLh7IhPthTV+8jFc6aJBGJNtwaPDkS8V4F5XxofT
6D8GA7SX2wjeVNAKykLmLcQWgzJxOecDGCxtlw/F9ID8Edg4mnUwp6cBcNilbLxj
YJsuGfRX2P2TWsWPI9qin14qxGVvFqbHtEnjTP8L1LQSI9BVGw45owphWDT/Is51
MVJinxwtPQuTCj5aqawI06dQSyAqQJDlwQ5RLNAiqoiIV1Jy0UDXEk04jaQXdCem
X/wdir9OOspby5xW28mOVTykU4gjRExnrcz3st8UjNSU31X34yv65IvVvQ==
-----END CERTIFICATE-----
)";

inline constexpr std::string_view rsa_pem =
    R"(-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuQLnaXO4rCeeiaDOgt8x
19mCzafhLQpWQM2k0S+ngzw/wt8ZmJxgKApiBpMdtAbCaC12TzUoy5Gn9U2mpPbV
+qqW77iXj+DicyoWpW8bDLVcDIgy0WbJeJm07owFIL6O2NJ7kPvSXtHFoLX9I6g9
p/sG9hYUVkIsFfBAZP0jPT+DM3sig4jfzR9/pDBFopPO1sxM59rtaGxlgDiaJkeI
One3ICgic4dzR5izcqluanmXSNMaFVeEbgKHBE288ZVC50kKWu1d7JQWGykTBVot
F2T6vkRpC4t0fbT1bW1Tpzvm7UylKS2jU27cwKTRTwesOvQIVNgx5oRu5xbheqpf
awIDAQAB
-----END PUBLIC KEY-----
)";

inline constexpr std::string_view rsa_pkcs1_pem =
    R"(-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAuQLnaXO4rCeeiaDOgt8x19mCzafhLQpWQM2k0S+ngzw/wt8ZmJxg
KApiBpMdtAbCaC12TzUoy5Gn9U2mpPbV+qqW77iXj+DicyoWpW8bDLVcDIgy0WbJ
eJm07owFIL6O2NJ7kPvSXtHFoLX9I6g9p/sG9hYUVkIsFfBAZP0jPT+DM3sig4jf
zR9/pDBFopPO1sxM59rtaGxlgDiaJkeIOne3ICgic4dzR5izcqluanmXSNMaFVeE
bgKHBE288ZVC50kKWu1d7JQWGykTBVotF2T6vkRpC4t0fbT1bW1Tpzvm7UylKS2j
U27cwKTRTwesOvQIVNgx5oRu5xbheqpfawIDAQAB
-----END RSA PUBLIC KEY-----
)";

inline constexpr std::string_view p256_pem =
    R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE20UCQBUH5+w87z9k0nm2fQeDvAIR
W9NIJqeO9F2qf9N2Ffa3y+Tn2bSRhgKdqY8vtgS+NxDPWbOe/Z9TMDCCTg==
-----END PUBLIC KEY-----
)";

inline constexpr std::string_view ed25519_pem =
    R"(-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAC/BthcsjdYTAH27hmhUM2wOS185YdCrKM8IzdyXD/GU=
-----END PUBLIC KEY-----
)";

inline constexpr std::string_view weak_rsa_pem =
    R"(-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCxv96SoImrkD/Gy53Qb+C4NhLT
/UQ8wV9l6fLYKZ0B7HiT3Sg4QUopFlgc2XWTCHoVXLsOCaJ7JOiz0RgxjXQPuHSC
2Ph3Dg3SbvldghGFCKFQtktdvuvsN0sYakcagQ3Vz/wOOCVewsVExNWvf6x3ReuA
gPfCnYnqS10M0Wu4IwIDAQAB
-----END PUBLIC KEY-----
)";

// Of 1024 bits.
inline constexpr std::string_view weak_rsa_jwk =
    R"({"kty":"RSA","kid":"weak","n":"sb_ekqCJq5A_xsud0G_guDYS0_1EPMFfZeny2CmdAex4k90oOEFKKRZYHNl1kwh6F)"
    R"(Vy7DgmieyTos9EYMY10D7h0gtj4dw4N0m75XYIRhQihULZLXb7r7DdLGGpHGoEN1c_8DjglXsLFRMTVr3-sd0XrgID3wp2J6)"
    R"(ktdDNFruCM","e":"AQAB"})";

}  // namespace srs::access::vectors
