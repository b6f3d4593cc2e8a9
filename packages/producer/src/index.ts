export { nalType, nalTypes, splitByLength, splitByStartCode } from './codec/h264-nal.js';
export {
  codecText,
  parseSps,
  profileLevelId,
  type SpsColour,
  type SpsInfo,
} from './codec/h264-parameters.js';
export { isLoopback, listenAddresses, urlHost } from './config/addresses.js';
export { cameraNeeds } from './config/camera-needs.js';
export { type CommandLine, type CommandSettings, parseCommandLine } from './config/command-line.js';
export type {
  CameraConfig,
  CodecConfig,
  Config,
  H264Config,
  LoadConfig,
  LogConfig,
  MjpegConfig,
  PictureConfig,
  RingConfig,
  RingPlace,
  ServerConfig,
  StreamConfig,
  ViewerQueueConfig,
} from './config/config.js';
export { readConfigFile } from './config/config-file.js';
export {
  type H264EncoderName,
  h264Encoders,
  type X264Preset,
  x264Presets,
} from './config/h264-encoders.js';
export {
  type LatencyMode,
  type LatencySettings,
  latencyModes,
  latencySettings,
} from './config/latency-modes.js';
export {
  type ConfigOverride,
  type ConfigOverrides,
  type ConfigText,
  parseConfig,
} from './config/parse-config.js';
export { type Plan, planOf } from './config/plan.js';
export { planText } from './config/plan-text.js';
export { ConfigError, type ConfigProblem } from './config/problem.js';
export { chooseRingFolder, type RingFolder } from './config/ring-place.js';
export { parseSource, type Source, sourceText } from './config/source.js';
export { controlsText } from './controls.js';
export { devicesText } from './devices.js';
export { type AccessUnit, AccessUnits } from './encode/access-units.js';
export { BackOff, type BackOffTimes } from './encode/back-off.js';
export { CameraUnits } from './encode/camera-units.js';
export type {
  Encoder,
  EncoderFallBack,
  EncoderLoad,
  EncoderProblem,
  EncoderSettings,
} from './encode/encoder.js';
export { encodeArguments, type H264Settings } from './encode/ffmpeg-arguments.js';
export { type FlvConfiguration, type FlvPicture, FlvReader } from './encode/flv-reader.js';
export { H264Encoder } from './encode/h264-encoder.js';
export type { H264EncoderOptions } from './encode/h264-encoder-options.js';
export { h264Steps } from './encode/h264-steps.js';
export { Hardware, type ProbeResult } from './encode/hardware.js';
export type { JpegCodec } from './encode/jpeg-codec.js';
export { JpegEncoder } from './encode/jpeg-encoder.js';
export { allPictures, jpegSteps, passThroughSteps } from './encode/jpeg-steps.js';
export { PassThrough, type PassThroughOptions, type UnitMaker } from './encode/pass-through.js';
export { PreferredSource } from './encode/preferred-source.js';
export type { RawFrame, RawFrames } from './encode/raw-frames.js';
export { RecentFailures } from './encode/recent-failures.js';
export { sharpCodec } from './encode/sharp-codec.js';
export { turboCodec } from './encode/turbo-codec.js';
export { AutoCamera, type AutoCameraOptions } from './feed/auto-camera.js';
export { CameraNotice } from './feed/camera-notice.js';
export { CameraSearch, type CameraSearchOptions } from './feed/camera-search.js';
export { CaptureLoss } from './feed/capture-loss.js';
export { type RankedCamera, rankCameras } from './feed/choose-camera.js';
export { ConversionFeed } from './feed/conversion-feed.js';
export { Demand } from './feed/demand.js';
export { DemandedRing } from './feed/demanded-ring.js';
export { EncoderStrain, type Strain } from './feed/encoder-strain.js';
export { H264Track, type H264TrackOptions, h264Node } from './feed/h264-track.js';
export { type DeviceFolders, jpegDecoders } from './feed/jpeg-decoders.js';
export type { ControlledStream, LoadReport } from './feed/ladder.js';
export { LoopEvents } from './feed/loop-events.js';
export { isRate } from './feed/own-track.js';
export { Quality } from './feed/quality.js';
export { createLogger } from './log/logger.js';
export { Seldom } from './log/seldom.js';
export { main } from './main.js';
export { unhealthyReasons } from './observe/health.js';
export { metricFamilies } from './observe/metric-families.js';
export { Metrics } from './observe/metrics.js';
export type { Observed } from './observe/observed.js';
export type { Status } from './observe/status.js';
export { takeStatus } from './observe/take-status.js';
export { h264Encoder } from './open-encoders.js';
export type { ProducerOptions } from './parts.js';
export { Producer } from './producer.js';
export { closing, contentType, framingFor, partFrame, preamble } from './protocol/mjpeg/multipart.js';
export { accessUnitDelimiter, packetizeH264 } from './protocol/rtp/h264-packets.js';
export { type JpegLayout, jpegLayout } from './protocol/rtp/jpeg-layout.js';
export { packetizeJpeg } from './protocol/rtp/jpeg-packets.js';
export { readReceiverPacket } from './protocol/rtp/rtcp-read.js';
export { ntpOf, ticksOf } from './protocol/rtp/rtp-clock.js';
export type { RtpPackets } from './protocol/rtp/rtp-packets.js';
export { RtpSender } from './protocol/rtp/rtp-sender.js';
export type { RtspMessage } from './protocol/rtsp/message.js';
export { responseBytes } from './protocol/rtsp/response.js';
export { RtspReader } from './protocol/rtsp/rtsp-reader.js';
export { targetOf } from './protocol/rtsp/target.js';
export { transportWishes } from './protocol/rtsp/transport.js';
export { sdpText } from './protocol/sdp/session-description.js';
export type { Account } from './serve/auth/account.js';
export { type AuthHeader, parseAuthHeader, parseAuthParameters } from './serve/auth/auth-header.js';
export { Authenticator, type AuthRequest, type AuthVerdict } from './serve/auth/authenticator.js';
export { basicCredentials } from './serve/auth/basic.js';
export { type DigestInput, digestCredentials, digestResponse } from './serve/auth/digest.js';
export { Gate } from './serve/auth/gate.js';
export { healthRoute } from './serve/http/health.js';
export { HttpServer } from './serve/http/http-server.js';
export { metricsRoute } from './serve/http/metrics.js';
export { type Access, type Routes, serveRoutes } from './serve/http/routes.js';
export { statusRoute } from './serve/http/status.js';
export { mjpegRoute } from './serve/mjpeg/from-stream.js';
export { MjpegServer } from './serve/mjpeg/server.js';
export { snapshotRoute } from './serve/mjpeg/snapshot.js';
export { DelimiterAhead, waitsForNextPicture } from './serve/rtsp/delimiter-ahead.js';
export { h264Source, jpegSource } from './serve/rtsp/from-stream.js';
export { groupAddress } from './serve/rtsp/multicast-sender.js';
export { RtspServer, type RtspServerOptions } from './serve/rtsp/server.js';
export { askStatus } from './status/ask-status.js';
export { statusTable } from './status/status-table.js';
export { Audience, type ProtocolTotals } from './stream/audience.js';
export { Delivery, type DeliveryReport, type ViewerProtocol } from './stream/delivery.js';
export { endingAtLive, KeyFrameQueue, type TimedUnitSink } from './stream/key-frame-queue.js';
export { Stream } from './stream/stream.js';
export type { Viewer } from './stream/viewer.js';
export { type UnitSink, ViewerQueue } from './stream/viewer-queue.js';
export { RatePicker } from './unit/rate-picker.js';
export { unixTimeText, WallClock } from './unit/timestamp.js';
export type { H264Parameters, H264Unit, JpegUnit, Unit } from './unit/unit.js';
