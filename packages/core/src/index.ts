export type * from './native/addon-types.js';
