# The Relacy models (docs/memory-model.md). From the root: make -C native/test models
#
#   models    builds model/*.cc over the real headers and runs every model and every mutant
#
# Relacy comes from Debian's relacy-dev, with model/relacy.patch.

RELACY ?= /usr/include/relacy
models_out := $(root)/native/build/test/models
models_sources := $(wildcard $(tests)/model/*.cc)
models_objects := $(patsubst $(tests)/model/%.cc,$(models_out)/%.o,$(models_sources))
models_program := $(models_out)/models
models_relacy := $(models_out)/include/relacy/relacy.hpp
# Relacy swaps stacks, which the fortified longjmp takes for an error.
MODELS_FLAGS := -std=c++20 -O1 -Wall -Wextra -Werror -U_FORTIFY_SOURCE -fno-sized-deallocation -DCAMSTREAM_MODEL \
  -isystem $(models_out)/include -I$(src) -I$(tests)

.PHONY: models
models: $(models_program)
	@$(NODE) $(tests)/model/run.mjs $(models_program)

$(models_relacy): $(tests)/model/relacy.patch
	@test -d $(RELACY) || { echo "$(RELACY) is missing: install the Debian package relacy-dev" >&2; exit 1; }
	@rm -rf $(models_out)/include && mkdir -p $(models_out)/include
	@cp -r $(RELACY) $(models_out)/include/relacy
	@find $(models_out)/include/relacy -name '*.h*' -exec sed -i 's/\r$$//' {} +
	@cd $(models_out)/include && patch --quiet --fuzz=0 -p1 < $(tests)/model/relacy.patch
	@touch $@

$(models_out)/%.o: $(tests)/model/%.cc $(models_relacy)
	@mkdir -p $(@D)
	$(CXX) $(MODELS_FLAGS) -MMD -MP -c $< -o $@

$(models_program): $(models_objects)
	$(CXX) $(models_objects) -o $@

-include $(models_objects:.o=.d)
