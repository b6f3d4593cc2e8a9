import type { H264Parameters } from '../../unit/unit.js';
import { h264PayloadType } from '../rtp/h264-packets.js';
import { jpegPayloadType } from '../rtp/jpeg-packets.js';

/** What a stream carries, as far as a viewer has to know before it begins. */
export type MediaDescription =
  | { readonly codec: 'jpeg' }
  | { readonly codec: 'h264'; readonly parameters: H264Parameters };

/** What a session description (SDP, RFC 4566) says. */
export interface SessionDescription {
  readonly name: string;
  /** Pictures a second; 0 is not said. */
  readonly rate: number;
  readonly media: MediaDescription;
  /** Address of ours that the viewer has reached. */
  readonly host: string;
  readonly isIPv6: boolean;
  /** Of this run of the service. */
  readonly id: string;
  /** Of the only track, below the stream's URL (RFC 2326 C.1.1). */
  readonly track: string;
}

/** The text; its lines end as RFC 4566 wants them. */
export function sdpText({ name, rate, media, host, isIPv6, id, track }: SessionDescription): string {
  const family = isIPv6 ? 'IP6' : 'IP4';
  const payloadType = media.codec === 'jpeg' ? jpegPayloadType : h264PayloadType;
  const lines = [
    'v=0',
    `o=- ${id} 1 IN ${family} ${host}`,
    `s=${name}`,
    // Where packets go to is agreed on by SETUP.
    `c=IN ${family} ${isIPv6 ? '::' : '0.0.0.0'}`,
    't=0 0',
    'a=tool:camstream',
    'a=type:broadcast',
    'a=control:*',
    'a=range:npt=now-',
    `m=video 0 RTP/AVP ${payloadType}`,
    ...mediaLines(media),
    ...(rate > 0 ? [`a=framerate:${Number(rate.toFixed(3))}`] : []),
    `a=control:${track}`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function mediaLines(media: MediaDescription): readonly string[] {
  if (media.codec === 'jpeg') return [`a=rtpmap:${jpegPayloadType} JPEG/90000`];
  const { sps, pps } = media.parameters;
  // RFC 6184 8.1: profile_idc, constraint flags and level_idc are the bytes behind the SPS's first.
  const profile = sps.subarray(1, 4).toString('hex').toUpperCase();
  const sets = [sps, pps].map((set) => set.toString('base64')).join(',');
  return [
    `a=rtpmap:${h264PayloadType} H264/90000`,
    `a=fmtp:${h264PayloadType} packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${sets}`,
  ];
}
