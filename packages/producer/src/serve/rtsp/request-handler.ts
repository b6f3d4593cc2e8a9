import { CamstreamError } from '@camstream/core';
import { urlHost } from '../../config/addresses.js';
import type { RtspRequest } from '../../protocol/rtsp/message.js';
import { type RtspResponse, refusal } from '../../protocol/rtsp/response.js';
import { type RtspTarget, targetOf, trackName } from '../../protocol/rtsp/target.js';
import { type TransportWish, transportWishes } from '../../protocol/rtsp/transport.js';
import { sdpText } from '../../protocol/sdp/session-description.js';
import type { RtspPlace, RtspSite } from './rtsp-site.js';
import { RtspSession, type SessionHolder, type SessionMedia } from './session.js';

/** The connection that requests came over, as far as answers depend on it. */
export interface Caller extends SessionHolder {
  /** Of the viewer. */
  readonly peer: string;
  /** Of ours, that it has reached. */
  readonly host: string;
  readonly port: number;
  readonly isIPv6: boolean;
  /** Makes the way that was wished for; undefined if that cannot be had. */
  openMedia(
    wish: TransportWish,
    place: RtspPlace,
    session: () => RtspSession | undefined,
    userAgent: string | undefined,
  ): SessionMedia | undefined;
}

/** A response, and what follows once it is written. */
export interface Answer {
  readonly response: RtspResponse;
  readonly afterwards?: () => void;
}

const methods = 'OPTIONS DESCRIBE SETUP PLAY PAUSE TEARDOWN GET_PARAMETER SET_PARAMETER'.split(' ');
const otherMethods = ['ANNOUNCE', 'RECORD', 'REDIRECT'];
/** One is usual; a wall of pictures has a few. */
const mostSessionsOfOne = 8;
const allow = { Allow: methods.join(', ') };

/** Answers requests as RFC 2326 10 has it. */
export class RequestHandler {
  constructor(
    private readonly site: RtspSite,
    private readonly caller: Caller,
  ) {}

  async answer(request: RtspRequest): Promise<Answer> {
    const { method, headers, version } = request;
    if (version !== 'RTSP/1.0') return refused(505, `Only RTSP/1.0 is spoken here, not ${version}.`);
    if (otherMethods.includes(method)) return refused(405, `${method} is not possible here.`, allow);
    if (!methods.includes(method)) return refused(501, `There is no method ${method} here.`, allow);
    const required = headers.get('require') ?? headers.get('proxy-require');
    if (required !== undefined) {
      return refused(551, `There is no option ${required} here.`, { Unsupported: required });
    }
    const target = targetOf(request.url);
    if (target === undefined) return refused(400, 'The URL is none of RTSP.');
    const named = headers.get('session')?.split(';')[0]?.trim();
    const session = named === undefined ? undefined : this.site.sessions.get(named);
    if (session !== undefined) this.use(session);
    if (named !== undefined && session === undefined) return refused(454, `There is no session ${named}.`);
    switch (method) {
      case 'OPTIONS':
        return ok({ Public: methods.join(', '), ...sessionHeader(session, this.site) });
      case 'DESCRIBE':
        return this.describe(request, target);
      case 'SETUP':
        return this.setUp(request, target, session);
      default:
        return this.within(request, target, session);
    }
  }

  /** One whose connection is gone belongs to whoever goes on with it; nobody loses one by it. */
  private use(session: RtspSession): void {
    session.touch();
    if (session.orphanSinceMs !== undefined && this.hasPlaceFor(session)) session.moveTo(this.caller);
  }

  private hasPlaceFor(session: RtspSession | undefined): boolean {
    const { sessions } = this.caller;
    return sessions.size < mostSessionsOfOne || (session !== undefined && sessions.has(session));
  }

  private async describe(request: RtspRequest, target: RtspTarget): Promise<Answer> {
    const place = this.placeOf(target);
    if (place === undefined) return this.unknown();
    const accept = request.headers.get('accept') ?? '*/*';
    if (!/\*\/\*|application\/(\*|sdp)/i.test(accept)) {
      return refused(406, 'Streams are described as application/sdp only.');
    }
    const { source } = place;
    try {
      const media = await source.describe();
      const { host, isIPv6 } = this.caller;
      const { name, rate } = source;
      const body = sdpText({ name, rate, media, host, isIPv6, id: this.site.runId, track: trackName });
      const headers = {
        'Content-Base': `${this.streamUrl(request.url, name)}/`,
        'Content-Type': 'application/sdp',
        'Cache-Control': 'no-store',
      };
      return { response: { status: 200, headers, body } };
    } catch (error) {
      if (!(error instanceof CamstreamError)) throw error;
      const text = `${error.code}: ${error.message}`;
      return error.code === 'PICTURE_TIMEOUT'
        ? refused(503, text, { 'Retry-After': '1' })
        : refused(415, text);
    }
  }

  private setUp(request: RtspRequest, target: RtspTarget, session: RtspSession | undefined): Answer {
    const place = this.placeOf(target);
    if (place === undefined) return this.unknown();
    if (target.kind !== 'track') {
      return refused(
        459,
        `SETUP wants the track: ${this.streamUrl(request.url, place.source.name)}/${trackName}`,
      );
    }
    if (session?.isPlaying) return refused(455, 'PAUSE comes before another SETUP.');
    if (session !== undefined && session.stream !== place.source.name) {
      return refused(459, `The session is one of stream "${session.stream}".`);
    }
    if (!this.hasPlaceFor(session)) {
      return refused(453, `One connection has ${mostSessionsOfOne} sessions at most.`);
    }
    const header = request.headers.get('transport');
    if (header === undefined) return refused(400, 'SETUP wants a Transport header.');
    const wishes = transportWishes(header, this.caller.peer);
    const { sessions, mostSessions } = this.site;
    const isOneMore = session === undefined && wishes.length > 0;
    if (isOneMore && sessions.size >= mostSessions && !this.makeRoom()) {
      return refused(453, `There are ${sessions.size} sessions already.`);
    }
    let made: RtspSession | undefined = session;
    for (const wish of wishes) {
      const media = this.caller.openMedia(wish, place, () => made, request.headers.get('user-agent'));
      if (media === undefined) continue;
      if (made === undefined) made = this.newSession(place, media);
      else {
        made.replace(media);
        made.moveTo(this.caller);
      }
      return ok({
        ...sessionHeader(made, this.site),
        Transport: media.transport,
        'Cache-Control': 'no-store',
      });
    }
    return refused(461, 'Transports: RTP/AVP;unicast;client_port=, RTP/AVP/TCP;unicast, RTP/AVP;multicast.');
  }

  /** The session whose connection went first goes; false: all have theirs. */
  private makeRoom(): boolean {
    let first: RtspSession | undefined;
    for (const session of this.site.sessions.values()) {
      const { orphanSinceMs = Number.POSITIVE_INFINITY } = session;
      if (orphanSinceMs < (first?.orphanSinceMs ?? Number.POSITIVE_INFINITY)) first = session;
    }
    first?.close('its connection is gone, and another viewer wants its place');
    return first !== undefined;
  }

  private newSession(place: RtspPlace, media: SessionMedia): RtspSession {
    const { sessions } = this.site;
    const session = new RtspSession(place.source.name, media, this.caller, (closed) =>
      sessions.delete(closed.id),
    );
    sessions.set(session.id, session);
    return session;
  }

  /** The methods that belong to a session; without one, parameters are the server's. */
  private within(request: RtspRequest, target: RtspTarget, session: RtspSession | undefined): Answer {
    const { method, body } = request;
    if (method.endsWith('_PARAMETER')) {
      if (body.length > 0) return refused(451, 'There are no parameters here.');
      return ok(sessionHeader(session, this.site));
    }
    if (session === undefined) return refused(454, `${method} wants a Session header.`);
    if (target.kind !== 'server' && target.stream !== session.stream) {
      if (this.placeOf(target) === undefined) return this.unknown();
      return refused(455, `The session is one of stream "${session.stream}".`);
    }
    if (method === 'PLAY') return this.play(request, session);
    if (method === 'PAUSE') {
      if (session.isPlaying) session.pause();
      return ok(sessionHeader(session, this.site));
    }
    return { ...ok({}), afterwards: () => session.close('it took its leave') };
  }

  private play(request: RtspRequest, session: RtspSession): Answer {
    const range = request.headers.get('range');
    // A live stream has no other place than now; zero is what clients ask for by habit.
    if (range !== undefined && !/^npt=(now|0+(\.0*)?|0+:00?:00?(\.0*)?)?-/i.test(range.trim())) {
      return refused(457, 'The stream is live: npt=now-.');
    }
    const { sequence, timestamp } = session.first();
    const url = `${this.streamUrl(request.url, session.stream)}/${trackName}`;
    const info = `url=${url};seq=${sequence}${timestamp === undefined ? '' : `;rtptime=${timestamp}`}`;
    const wasPlaying = session.isPlaying;
    return {
      ...ok({
        ...sessionHeader(session, this.site),
        Range: 'npt=now-',
        ...(wasPlaying ? {} : { 'RTP-Info': info }),
      }),
      afterwards: () => session.play(),
    };
  }

  private placeOf(target: RtspTarget): RtspPlace | undefined {
    return target.kind === 'server' ? undefined : this.site.places.get(target.stream);
  }

  private unknown(): Answer {
    return refused(404, `Not found. Here are: ${[...this.site.places.keys()].join(', ')}`);
  }

  /** By the name that the viewer knows us by; ours where the request has only a path. */
  private streamUrl(url: string, stream: string): string {
    const [authority] = /^rtspu?:\/\/[^/?#]+/i.exec(url) ?? [];
    const { host, port } = this.caller;
    return `${authority ?? `rtsp://${urlHost(host)}:${port}`}/${stream}`;
  }
}

function ok(headers: RtspResponse['headers'] = {}): Answer {
  return { response: { status: 200, headers } };
}

function refused(...args: Parameters<typeof refusal>): Answer {
  return { response: refusal(...args) };
}

function sessionHeader(
  session: RtspSession | undefined,
  { sessionTimeoutMs }: RtspSite,
): Record<string, string> {
  if (session === undefined) return {};
  return { Session: `${session.id};timeout=${Math.round(sessionTimeoutMs / 1000)}` };
}
