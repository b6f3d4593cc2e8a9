# Tests with many processes (stress/): torn frames, kill -9. A build of its own, with crash points and
# without what the ring does not need.
#
#   stress        builds and runs them; with CAMSTREAM_LONG=1 at full numbers, table into docs/results
#   stress-build  only builds them, and crash_producer for the tests in TypeScript

stress_sources := $(wildcard $(tests)/stress/*.cc)
stress_programs := $(patsubst $(tests)/stress/%.cc,$(out)/%,$(filter %_test.cc,$(stress_sources)))
stress_parts := $(patsubst $(root)/native/%.cc,$(out)/%.o,$(src)/pixels/pixel_format.cc \
  $(filter-out %_test.cc %/crash_producer.cc,$(stress_sources)))

results ?= $(root)/docs/results

.PHONY: stress stress-build stress-here stress-build-here

stress stress-build:
	@$(MAKE) --no-print-directory $@-here VARIANT=crash VARIANT_FLAGS='-O2 -DCAMSTREAM_CRASH_POINTS' \
	  libraries='base shm ring'

stress-here: stress-build-here
	@CAMSTREAM_RESULTS=$(results) $(NODE) $(root)/scripts/run-gtest.mjs $(stress_programs)

stress-build-here: $(stress_programs) $(out)/crash_producer

$(stress_programs): $(out)/%: $(out)/test/stress/%.o $(stress_parts) $(library)
	$(CXX) $(CXXFLAGS) $< $(stress_parts) $(library) -lgtest_main -lgtest -pthread -o $@

$(out)/crash_producer: $(out)/test/stress/crash_producer.o $(stress_parts) $(library)
	$(CXX) $(CXXFLAGS) $< $(filter-out %/crash_rig.o,$(stress_parts)) $(library) -pthread -o $@

-include $(patsubst $(root)/native/%.cc,$(out)/%.d,$(stress_sources) $(src)/pixels/pixel_format.cc)
