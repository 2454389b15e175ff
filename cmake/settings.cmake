# Language, warnings and optimisation for every target of the project.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_COMPILE_WARNING_AS_ERROR ${SRS_WERROR})

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release, RelWithDebInfo" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND SRS_LTO)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
  # Machine code beside it, so that the many programs of tests/ link in a moment: see tests/CMakeLists.txt.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-ffat-lto-objects)
  endif()
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees the frames of coroutines freed by another function than the one that allocated them.
  # With precompiled headers it takes what std::string copies for copies beyond its end.
  add_compile_options(-Wno-mismatched-new-delete -Wno-free-nonheap-object -Wno-array-bounds -Wno-stringop-overflow
                      -Wno-stringop-overread -Wno-restrict)
  # Names in anonymous namespaces are local to a file also where several are compiled together.
  add_compile_options(-Wno-subobject-linkage)
  # When it optimises all files as a whole it takes the frames of a coroutine template in two files for two types.
  add_link_options(-Wno-odr)
elseif(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 15)
  # clang 14 has coroutines, but does not say so in the way that libstdc++ and Asio ask.
  add_compile_definitions(__cpp_impl_coroutine=201902L ASIO_HAS_CO_AWAIT ASIO_HAS_STD_COROUTINE)
endif()
if(SRS_SANITIZE)
  add_compile_options(-fsanitize=${SRS_SANITIZE} -fno-omit-frame-pointer -g)
  if(SRS_FUZZ) # a finding ends the program; lines are enough to tell where
    add_compile_options(-fno-sanitize-recover=all -gline-tables-only)
  endif()
  add_link_options(-fsanitize=${SRS_SANITIZE})
  if(SRS_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan) # Asio has fences, which are not looked at
  endif()
endif()

# Files of a folder that are compiled together instantiate the same templates once. What they name in anonymous namespaces
# must differ, therefore. The preset `clang` compiles each alone, and finds what includes too little.
set(CMAKE_UNITY_BUILD ${SRS_UNITY})

# Of the standard library, fmt and Asio nearly every file includes nearly everything: they are parsed once. Each file
# includes what it uses all the same, which the preset `clang` checks.
add_compile_definitions(ASIO_STANDALONE ASIO_SEPARATE_COMPILATION ASIO_NO_DEPRECATED
                        _FILE_OFFSET_BITS=64) # as hiredis has it: one definition for all files

# srs_precompile(SET header...): the sets SET and, with Asio, SET_net.
function(srs_precompile set)
  if(NOT SRS_PCH)
    return()
  endif()
  foreach(name ${set} ${set}_net)
    string(REPLACE ${set} precompiled header ${name})
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp CONTENT "")
    add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
    target_link_libraries(${name} PRIVATE fmt::fmt)
    target_include_directories(${name} SYSTEM PRIVATE ${ASIO_INCLUDE_DIR})
    target_precompile_headers(${name} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/${header}.h ${ARGN})
  endforeach()
endfunction()

# srs_links_net(RESULT library...): whether one of them is srs_net or links it.
function(srs_links_net result)
  foreach(library ${ARGN})
    set(links OFF)
    if(library STREQUAL srs_net)
      set(links ON)
    elseif(TARGET ${library})
      get_target_property(further ${library} INTERFACE_LINK_LIBRARIES)
      if(further)
        srs_links_net(links ${further})
      endif()
    endif()
    if(links)
      set(${result} ON PARENT_SCOPE)
      return()
    endif()
  endforeach()
  set(${result} OFF PARENT_SCOPE)
endfunction()

# srs_use_precompiled(TARGET SET): call it once the target's libraries are known.
function(srs_use_precompiled target set)
  if(NOT SRS_PCH)
    return()
  endif()
  get_target_property(libraries ${target} LINK_LIBRARIES)
  srs_links_net(links_net ${target} ${libraries})
  if(links_net)
    string(APPEND set _net)
  endif()
  target_precompile_headers(${target} REUSE_FROM ${set})
endfunction()

# What a folder includes of other folders, it has to link: each target sees its own folder and those that it links, by
# their names ("net/url.h", "srs-relay/streams/hub.h"), through a folder of links of its own.
function(srs_share folder_name visibility target)
  set(root ${PROJECT_BINARY_DIR}/include/${target})
  get_filename_component(parent ${root}/${folder_name} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${folder_name} SYMBOLIC)
  target_include_directories(${target} ${visibility} ${root})
endfunction()

# srs_folder(TARGET NAME library...): every .cpp of this folder, which others include as NAME, with the libraries that it
# may depend on. The list of dependencies is the layering; see docs/architecture.md.
function(srs_folder target name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(sources)
    add_library(${target} STATIC ${sources})
    srs_share(${name} PUBLIC ${target})
    target_link_libraries(${target} PUBLIC ${ARGN})
    srs_use_precompiled(${target} srs_precompiled)
  else()
    add_library(${target} INTERFACE)
    srs_share(${name} INTERFACE ${target})
    target_link_libraries(${target} INTERFACE ${ARGN})
  endif()
endfunction()

# A folder of common/: srs_library(net ...) is the target srs_net, included as "net/...".
function(srs_library name)
  srs_folder(srs_${name} ${name} ${ARGN})
endfunction()

# A folder of a tool: srs_part(players/rtmp library...) in tools/srs-relay/players/rtmp is the target
# srs-relay-players-rtmp, included as "srs-relay/players/rtmp/...".
function(srs_part)
  file(RELATIVE_PATH name ${PROJECT_SOURCE_DIR}/tools ${CMAKE_CURRENT_SOURCE_DIR})
  string(REPLACE "/" "-" target ${name})
  srs_folder(${target} ${name} ${ARGN})
endfunction()

# A tool: main.cpp is the program; the other files of its folder are a library, NAME-parts, that unit tests link.
function(srs_tool name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/main.cpp)
  if(sources)
    add_library(${name}-parts STATIC ${sources})
    srs_share(${name} PUBLIC ${name}-parts)
    target_link_libraries(${name}-parts PUBLIC ${ARGN})
    srs_use_precompiled(${name}-parts srs_precompiled)
  else()
    add_library(${name}-parts INTERFACE)
    target_link_libraries(${name}-parts INTERFACE ${ARGN})
  endif()
  add_executable(${name} main.cpp)
  target_link_libraries(${name} PRIVATE ${name}-parts)
  srs_use_precompiled(${name} srs_precompiled)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()
