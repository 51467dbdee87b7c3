//! Decoding in a process apart: a crash inside a decoder that is written in C costs one photo, not the program.
//!
//! The process stays and takes one photo after the other. It is asked over a socket with a line of JSON and the file's
//! bytes, and answers with a line of JSON; a picture's samples it leaves in memory that both share, which costs less than
//! a pipe. It ends when the program's end of the socket is gone, so it never outlives the program. Each thread that decodes
//! at a time has one of its own; those that are idle wait for the next photo.

#![allow(unsafe_code, reason = "memory without a name comes from the C library")]

use crate::types::Telling;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use image::RgbImage;
use image::metadata::Orientation;
use serde::{Deserialize, Serialize};

use super::colour::Colour;
use super::photo::Unfitted;
use super::{DecodeError, DecodeParams, PhotoFormat, heif};

/// The hidden command that answers.
pub const DECODE_APART: &str = "decode-apart";

/// A photo that takes longer than that hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// The longest line of JSON that is read, bytes: a colour profile may be among it.
const LONGEST_LINE: u64 = 64 << 20;

/// Shared memory up to this is kept for the next photo, bytes.
const KEPT: usize = 64 << 20;

/// This program, once decoders of C are to run apart.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

static IDLE: Mutex<Vec<Apart>> = Mutex::new(Vec::new());

/// From now on HEIC and AVIF are decoded by `program`, which must know the command [`DECODE_APART`].
pub fn decode_apart_by(program: PathBuf) {
    let _ = PROGRAM.set(program);
}

#[derive(Serialize, Deserialize)]
struct Asked {
    format: PhotoFormat,
    params: DecodeParams,
    /// How many bytes of file follow.
    bytes: u64,
}

#[derive(Serialize, Deserialize)]
struct Picture {
    /// Width and height of the shared samples, three bytes each.
    size: [u32; 2],
    stored_size: [u32; 2],
    /// As EXIF counts, 1…8.
    orientation: u8,
    taken_at: Option<String>,
    notice: Option<Telling>,
    colour: Colour,
}

type Answer = Result<Picture, DecodeError>;

/// How an exchange ended that brought no answer.
#[derive(Debug)]
enum Broken {
    /// The process is gone, or talks nonsense.
    Died,
    TookTooLong,
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        // How a read that ran out of time ends.
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Self::TookTooLong,
            _ => Self::Died,
        }
    }
}

/// HEIC and AVIF, apart where that was asked for and can be done.
pub(super) fn decode(bytes: &[u8], format: PhotoFormat, params: &DecodeParams) -> Result<Unfitted, DecodeError> {
    let Some(program) = PROGRAM.get() else { return heif::decode(bytes, format, params) };
    let asked = Asked { format, params: *params, bytes: bytes.len() as u64 };
    let idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    // One that waited may have been ended by somebody: that is no photo's fault.
    if let Some(apart) = idle
        && let Ok(answer) = apart.exchange(&asked, bytes)
    {
        return answer;
    }
    let apart = match Apart::start(program) {
        Ok(apart) => apart,
        Err(error) => {
            log::warn!("no process apart could be started for {format} photos ({error}); they are decoded in this one");
            return heif::decode(bytes, format, params);
        }
    };
    match apart.exchange(&asked, bytes) {
        Ok(answer) => answer,
        Err(Broken::Died) => Err(DecodeError::Crashed { format }),
        Err(Broken::TookTooLong) => Err(DecodeError::Endless { format }),
    }
}

/// A process that decodes.
struct Apart {
    child: Child,
    socket: BufReader<UnixStream>,
    samples: File,
}

impl Apart {
    fn start(program: &Path) -> io::Result<Self> {
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_read_timeout(Some(PATIENCE))?;
        ours.set_write_timeout(Some(PATIENCE))?;
        let samples = shared_memory()?;
        let child = Command::new(program)
            .arg(DECODE_APART)
            .stdin(OwnedFd::from(theirs))
            .stdout(samples.try_clone()?)
            .stderr(Stdio::null())
            // Ctrl-C in a terminal is for the program, which then ends in order.
            .process_group(0)
            .spawn()?;
        Ok(Self { child, socket: BufReader::new(ours), samples })
    }

    /// Has one photo decoded; afterwards the process waits for the next one, unless the exchange broke.
    fn exchange(mut self, asked: &Asked, bytes: &[u8]) -> Result<Result<Unfitted, DecodeError>, Broken> {
        let answer = ask(&mut self.socket, &self.samples, asked, bytes);
        if answer.is_ok() {
            IDLE.lock().unwrap_or_else(PoisonError::into_inner).push(self);
        } else {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        answer
    }
}

/// A file in memory that has no name.
fn shared_memory() -> io::Result<File> {
    // SAFETY: the name is a C string; the descriptor is new and has no other owner.
    unsafe {
        let descriptor = libc::memfd_create(c"likeness-samples".as_ptr(), libc::MFD_CLOEXEC);
        if descriptor < 0 { Err(io::Error::last_os_error()) } else { Ok(File::from_raw_fd(descriptor)) }
    }
}

/// The asking side of an exchange.
fn ask(
    socket: &mut BufReader<UnixStream>,
    samples: &File,
    asked: &Asked,
    bytes: &[u8],
) -> Result<Result<Unfitted, DecodeError>, Broken> {
    write_line(socket.get_mut(), asked)?;
    socket.get_mut().write_all(bytes)?;
    let picture = match read_line::<Answer>(socket)? {
        Some(Ok(picture)) => picture,
        Some(Err(error)) => return Ok(Err(error)),
        None => return Err(Broken::Died),
    };
    let [width, height] = picture.size;
    if u64::from(width) * u64::from(height) > asked.params.max_pixels {
        return Err(Broken::Died);
    }
    let mut pixels = vec![0; width as usize * height as usize * 3];
    samples.read_exact_at(&mut pixels, 0)?;
    // To take the memory anew for each photo costs more than the way of the samples.
    if pixels.len() > KEPT {
        samples.set_len(0)?;
    }
    let pixels = RgbImage::from_raw(width, height, pixels).ok_or(Broken::Died)?;
    let orientation = Orientation::from_exif(picture.orientation).ok_or(Broken::Died)?;
    let Picture { stored_size, taken_at, notice, colour, .. } = picture;
    Ok(Ok(Unfitted { pixels, stored_size, orientation, taken_at, notice, colour, jpeg_at: None }))
}

/// The body of the hidden command, whose input is the socket and whose output the shared memory: decodes what it is asked
/// for until nobody is there to ask.
///
/// # Errors
/// A broken socket, or a question that is none.
pub fn serve_apart() -> io::Result<()> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let samples = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    serve(&mut BufReader::new(socket), &samples)
}

fn serve(socket: &mut BufReader<UnixStream>, samples: &File) -> io::Result<()> {
    while let Some(asked) = read_line::<Asked>(socket)? {
        let mut bytes = Vec::new();
        socket.take(asked.bytes).read_to_end(&mut bytes)?;
        abort_if_told(&bytes);
        let format = asked.format;
        let decoded = std::panic::catch_unwind(|| heif::decode(&bytes, format, &asked.params))
            .unwrap_or(Err(DecodeError::Crashed { format }));
        let answer = match decoded {
            Err(error) => Err(error),
            Ok(Unfitted { pixels, stored_size, orientation, taken_at, notice, colour, jpeg_at: _ }) => {
                if samples.metadata()?.len() < pixels.as_raw().len() as u64 {
                    samples.set_len(pixels.as_raw().len() as u64)?;
                }
                samples.write_all_at(pixels.as_raw(), 0)?;
                let (size, orientation) = (pixels.dimensions().into(), orientation.to_exif());
                Ok(Picture { size, stored_size, orientation, taken_at, notice, colour })
            }
        };
        write_line(socket.get_mut(), &answer)?;
    }
    Ok(())
}

fn write_line(to: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    to.write_all(&line)
}

/// `None` at the end.
fn read_line<T: for<'de> Deserialize<'de>>(from: &mut impl BufRead) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    from.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    if line.is_empty() { Ok(None) } else { Ok(Some(serde_json::from_slice(&line)?)) }
}

/// Tests need a photo that kills a decoder, on any machine: one that holds the text in `LIKENESS_TEST_ABORT_IN_DECODER`.
fn abort_if_told(bytes: &[u8]) {
    if let Some(text) = std::env::var_os("LIKENESS_TEST_ABORT_IN_DECODER") {
        let text = text.as_encoded_bytes();
        if !text.is_empty() && bytes.windows(text.len()).any(|window| window == text) {
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWING: &[u8] = include_bytes!("../../../tests/data/drawing.heic");

    fn asked(bytes: &[u8], params: DecodeParams) -> Asked {
        Asked { format: PhotoFormat::Heic, params, bytes: bytes.len() as u64 }
    }

    #[test]
    fn what_comes_back_is_what_the_decoder_gives_pictures_and_errors() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let samples = shared_memory().unwrap();
        let shared = samples.try_clone().unwrap();
        let serve = move || serve(&mut BufReader::new(theirs), &shared);
        let server = std::thread::Builder::new().name("apart".to_owned()).spawn(serve).unwrap();
        let mut socket = BufReader::new(ours);
        let params = DecodeParams::default();
        let strict = DecodeParams { max_pixels: 4, ..params };
        for (bytes, params) in [(DRAWING, params), (&DRAWING[..DRAWING.len() / 2], params), (DRAWING, strict)] {
            let apart = ask(&mut socket, &samples, &asked(bytes, params), bytes).unwrap();
            match (apart, heif::decode(bytes, PhotoFormat::Heic, &params)) {
                (Ok(apart), Ok(here)) => {
                    assert!(apart.pixels == here.pixels);
                    let facts = |photo: &Unfitted| {
                        (photo.stored_size, photo.orientation, photo.taken_at.clone(), photo.colour.clone())
                    };
                    assert_eq!(facts(&apart), facts(&here));
                }
                (Err(apart), Err(here)) => assert_eq!(apart.to_string(), here.to_string()),
                _ => panic!("one reads it and the other does not"),
            }
        }
        drop(socket);
        server.join().unwrap().unwrap();
    }

    #[test]
    fn nonsense_and_an_early_end_are_no_answers() {
        let said = |answer: &[u8], shared: &[u8]| {
            let (ours, mut theirs) = UnixStream::pair().unwrap();
            let samples = shared_memory().unwrap();
            samples.write_all_at(shared, 0).unwrap();
            theirs.write_all(answer).unwrap();
            theirs.shutdown(std::net::Shutdown::Write).unwrap();
            ask(&mut BufReader::new(ours), &samples, &asked(&[], DecodeParams::default()), &[])
        };
        assert!(matches!(said(b"", b""), Err(Broken::Died)));
        assert!(matches!(said(b"hello\n", b""), Err(Broken::Died)));
        let picture = br#"{"Ok":{"size":[2,1],"stored_size":[2,1],"orientation":1,"taken_at":null,"notice":null,"colour":"Srgb"}}"#;
        let picture = [&picture[..], b"\n"].concat();
        assert!(matches!(said(&picture, b"12345"), Err(Broken::Died)));
        assert!(said(&picture, b"123456").unwrap().is_ok());
        let huge = br#"{"Ok":{"size":[4000000000,4000000000],"stored_size":[2,1],"orientation":1,"taken_at":null,"notice":null,"colour":"Srgb"}}"#;
        assert!(matches!(said(&[&huge[..], b"\n"].concat(), b""), Err(Broken::Died)));
    }

    #[test]
    fn who_does_not_answer_in_time_is_not_waited_for() {
        let (ours, _theirs) = UnixStream::pair().unwrap();
        ours.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let samples = shared_memory().unwrap();
        let answer = ask(&mut BufReader::new(ours), &samples, &asked(&[], DecodeParams::default()), &[]);
        assert!(matches!(answer, Err(Broken::TookTooLong)));
    }
}
