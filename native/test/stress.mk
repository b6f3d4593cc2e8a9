# Tests with many processes (stress/): torn frames, kill -9. A build of its own, with crash points.
#
#   stress        builds and runs them; with CAMSTREAM_LONG=1 at full numbers, table into docs/results
#   stress-build  only builds them, and crash_producer for the tests in TypeScript

stress_programs := $(patsubst $(tests)/stress/%.cc,$(out)/%,$(wildcard $(tests)/stress/*_test.cc))
stress_parts := $(patsubst $(root)/native/%.cc,$(out)/%.o,$(filter-out %_test.cc %/crash_producer.cc,$(wildcard $(tests)/stress/*.cc)))

.PHONY: stress stress-build stress-here stress-build-here

stress stress-build:
	@$(MAKE) --no-print-directory $@-here VARIANT=crash VARIANT_FLAGS='-O2 -DCAMSTREAM_CRASH_POINTS'

stress-here: stress-build-here
	@CAMSTREAM_RESULTS=$(root)/docs/results $(NODE) $(root)/scripts/run-gtest.mjs $(stress_programs)

stress-build-here: $(stress_programs) $(out)/crash_producer

$(stress_programs): $(out)/%: $(out)/test/stress/%.o $(stress_parts) $(library)
	$(CXX) $(CXXFLAGS) $< $(stress_parts) $(library) -lgtest_main -lgtest $(LDLIBS) -o $@

$(out)/crash_producer: $(out)/test/stress/crash_producer.o $(stress_parts) $(library)
	$(CXX) $(CXXFLAGS) $< $(filter-out %/crash_rig.o,$(stress_parts)) $(library) $(LDLIBS) -o $@

-include $(wildcard $(out)/test/stress/*.d)
