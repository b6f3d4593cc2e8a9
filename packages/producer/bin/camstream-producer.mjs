#!/usr/bin/env node
import '../dist/bin/camstream-producer.js';
