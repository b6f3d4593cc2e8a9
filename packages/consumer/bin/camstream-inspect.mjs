#!/usr/bin/env node
import '../dist/bin/camstream-inspect.js';
