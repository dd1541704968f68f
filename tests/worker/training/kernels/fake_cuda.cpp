// Stands in for NVIDIA's libcuda.so.1, whose questions gpu_driver asks: two devices, of which
// the second has no answer for its memory.
#include <cstddef>
#include <cstring>

extern "C" {

int cuInit(unsigned) { return 0; }
int cuDeviceGet(int* handle, int number) {
  *handle = 40 + number;
  return number < 2 ? 0 : 101;
}
int cuDeviceGetName(char* name, int size, int) {
  std::strncpy(name, "NVIDIA Test 9000", static_cast<std::size_t>(size));
  return 0;
}
int cuDeviceGetAttribute(int* value, int attribute, int) {
  *value = attribute == 16 ? 132 : attribute == 75 ? 9 : 5;
  return 0;
}
int cuDeviceGetUuid_v2(unsigned char* uuid, int) {
  for (unsigned char i = 0; i < 16; ++i) uuid[i] = static_cast<unsigned char>(0x11 * i);
  return 0;
}
int cuDeviceTotalMem_v2(std::size_t* bytes, int handle) {
  *bytes = std::size_t{80} << 30;
  return handle == 40 ? 0 : 999;
}
}
