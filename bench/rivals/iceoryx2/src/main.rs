//! iceoryx2: publish-subscribe over loaned samples, woken by its event service.
//!
//! The writer copies the picture once, into the loaned sample. The protocol is described in
//! bench/harness/trial.ts.

use std::error::Error;
use std::io::{BufRead, Write};

use iceoryx2::prelude::*;

const TAIL_FRAMES: u64 = 30;

struct Arguments {
    writer: bool,
    address: String,
    bytes: usize,
    rate: f64,
    last: u64,
    readers: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let argv: Vec<String> = std::env::args().collect();
    if argv.len() != 9 {
        return Err("usage: writer|reader ADDRESS BYTES RATE LAST READERS INDEX none|ends|all".into());
    }
    let args = Arguments {
        writer: argv[1] == "writer",
        address: argv[2].clone(),
        bytes: argv[3].parse()?,
        rate: argv[4].parse()?,
        last: argv[5].parse()?,
        readers: argv[6].parse()?,
    };
    set_log_level(LogLevel::Error);
    if args.writer { write(&args) } else { read(&args) }
}

fn node(args: &Arguments) -> Result<Node<ipc::Service>, Box<dyn Error>> {
    let mut config = Config::default();
    let (folder, name) = args.address.rsplit_once('/').ok_or("the address is no path")?;
    config.global.set_root_path(&Path::new(folder.as_bytes())?);
    config.global.prefix = FileName::new(name.as_bytes())?;
    Ok(NodeBuilder::new().config(&config).create::<ipc::Service>()?)
}

type FrameService = iceoryx2::service::port_factory::publish_subscribe::PortFactory<ipc::Service, [u8], ()>;
type EventService = iceoryx2::service::port_factory::event::PortFactory<ipc::Service>;

fn services(node: &Node<ipc::Service>, readers: usize) -> Result<(FrameService, EventService), Box<dyn Error>> {
    let name = "frames".try_into()?;
    let frames = node
        .service_builder(&name)
        .publish_subscribe::<[u8]>()
        .max_subscribers(readers)
        .max_nodes(readers + 1)
        .subscriber_max_buffer_size(2)
        .enable_safe_overflow(true)
        .open_or_create()?;
    let events = node.service_builder(&name).event().max_listeners(readers).max_nodes(readers + 1).open_or_create()?;
    Ok((frames, events))
}

fn write(args: &Arguments) -> Result<(), Box<dyn Error>> {
    let node = node(args)?;
    let (frames, events) = services(&node, args.readers)?;
    let publisher = frames.publisher_builder().initial_max_slice_len(args.bytes).create()?;
    let notifier = events.notifier_builder().create()?;
    let mut picture = vec![0x80u8; args.bytes];
    say("ready")?;
    std::io::stdin().lock().read_line(&mut String::new())?;
    let start = now_ns();
    for sequence in 1..=args.last + TAIL_FRAMES {
        sleep_until(start + (sequence as f64 * 1e9 / args.rate) as u64);
        picture[0..8].copy_from_slice(&sequence.to_le_bytes());
        picture[8..16].copy_from_slice(&now_ns().to_le_bytes());
        picture[args.bytes - 8..].copy_from_slice(&sequence.to_le_bytes());
        let mut sample = publisher.loan_slice_uninit(args.bytes)?.write_from_slice(&picture);
        sample.payload_mut()[16..24].copy_from_slice(&now_ns().to_le_bytes());
        sample.send()?;
        notifier.notify()?;
    }
    std::io::stdin().lock().read_line(&mut String::new())?; // the shared memory stays until readers are done
    say("end")
}

fn read(args: &Arguments) -> Result<(), Box<dyn Error>> {
    let node = node(args)?;
    let (frames, events) = services(&node, args.readers)?;
    let subscriber = frames.subscriber_builder().create()?;
    let listener = events.listener_builder().create()?;
    let mut rows: Vec<[u64; 3]> = Vec::with_capacity(args.last as usize + 1);
    let mut torn = 0;
    let mut began: Option<(u64, libc::rusage)> = None;
    say("ready")?;
    'frames: loop {
        listener.blocking_wait(|_| {})?;
        while let Some(sample) = subscriber.receive()? {
            let picture = sample.payload();
            let sequence = word(picture, 0);
            let tail = word(picture, args.bytes - 8);
            let now = now_ns();
            began.get_or_insert_with(|| (now, usage()));
            if sequence > args.last {
                break 'frames;
            }
            torn += u64::from(tail != sequence);
            rows.push([sequence, now - word(picture, 16), now - word(picture, 8)]);
        }
    }
    let (began_ns, before) = began.ok_or("no frame came")?;
    let after = usage();
    let user = micros(after.ru_utime) - micros(before.ru_utime);
    let system = micros(after.ru_stime) - micros(before.ru_stime);
    let mut out = format!("cpu {} {} {}\n", user, system, (now_ns() - began_ns) / 1000);
    for row in &rows {
        out += &format!("f {} {} {}\n", row[0], row[1], row[2]);
    }
    say(&format!("{out}torn {torn}\nend"))
}

fn word(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

fn say(text: &str) -> Result<(), Box<dyn Error>> {
    println!("{text}");
    Ok(std::io::stdout().flush()?)
}

fn now_ns() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

fn sleep_until(deadline_ns: u64) {
    let deadline = libc::timespec {
        tv_sec: (deadline_ns / 1_000_000_000) as i64,
        tv_nsec: (deadline_ns % 1_000_000_000) as i64,
    };
    let sleep = || unsafe {
        libc::clock_nanosleep(libc::CLOCK_MONOTONIC, libc::TIMER_ABSTIME, &deadline, std::ptr::null_mut())
    };
    while sleep() != 0 {}
}

fn usage() -> libc::rusage {
    let mut usage = unsafe { std::mem::zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    usage
}

fn micros(time: libc::timeval) -> i64 {
    time.tv_sec * 1_000_000 + time.tv_usec
}
