import type { Camera } from '@camstream/core';

/** A USB camera at /dev/videoN, of which nothing is known but what `facts` says. */
export function webcam(number: number, facts: Partial<Camera> = {}): Camera {
  return {
    path: `/dev/video${number}`,
    id: `usb-046d:0825-${number}-index0`,
    name: `Webcam ${number}`,
    bus: `usb-0000:00:14.0-${number}`,
    driver: 'uvcvideo',
    modes: [],
    controls: [],
    inputs: [],
    holders: [],
    ...facts,
  };
}
