# Third-party libraries: what tools/setup.sh installs. A room names the ones it needs under LIBS; THIRD_PARTY.md says
# why each is here and tests/architecture/rooms.txt which room may include which.
#
#   tl::expected  spdlog::spdlog  nlohmann_json::nlohmann_json  yaml-cpp  protobuf::libprotobuf  cppzmq
#   SQLiteCpp  Boost::program_options  Boost::headers  CURL::libcurl  LibArchive::LibArchive  OpenSSL::Crypto
#   ZLIB::ZLIB  Eigen3::Eigen  Threads::Threads  LibTorch::LibTorch (only with FIRESWEEP_WITH_TORCH)
#   GTest::gtest_main, GTest::gmock and rapidcheck (every firesweep_test has them)  benchmark::benchmark  valijson

find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED CONFIG COMPONENTS program_options)
find_package(tl-expected REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(Protobuf REQUIRED)
find_package(cppzmq REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(CURL REQUIRED)
find_package(LibArchive REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(GTest REQUIRED)
find_package(rapidcheck REQUIRED)
find_package(benchmark REQUIRED)
find_package(valijson REQUIRED)
if(FIRESWEEP_WITH_TORCH)
  find_package(LibTorch 2.11 REQUIRED)
endif()
