# The kernels' sources, and the flags of those that are compiled for one instruction set each.
# Included by ../CMakeLists.txt, which builds CELLO_KERNEL_SOURCES into the addon.
file(GLOB CELLO_KERNEL_SOURCES CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/*.cc")

if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  # -Wno-maybe-uninitialized: GCC 12 warns of its own _mm512_undefined_epi32 (bug 105593).
  set(LANE_FLAGS -O3 -fno-math-errno -ffp-contract=fast -Wno-maybe-uninitialized -mavx2 -mfma)
  set(AVX512_FLAGS ${LANE_FLAGS} -mavx512f -mavx512bw -mavx512dq -mavx512vl)
  set(LANES "${CMAKE_CURRENT_LIST_DIR}/lanes")
  set_source_files_properties("${LANES}/avx2.cc" PROPERTIES COMPILE_OPTIONS "${LANE_FLAGS}")
  set_source_files_properties("${LANES}/avx512.cc" PROPERTIES COMPILE_OPTIONS "${AVX512_FLAGS}")
  set_source_files_properties("${LANES}/avx512-bf16.cc" PROPERTIES COMPILE_OPTIONS
                              "${AVX512_FLAGS};-mavx512bf16")
  list(APPEND CELLO_KERNEL_SOURCES "${LANES}/avx2.cc" "${LANES}/avx512.cc" "${LANES}/avx512-bf16.cc")
endif()
