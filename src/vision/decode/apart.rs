//! Decoding in a process apart: a crash inside a decoder that is written in C costs one photo, not the program.
//!
//! The process stays and takes one photo after the other. It is asked with a line of JSON and the file's bytes, and
//! answers with a line of JSON and, where there is a picture, its samples, fitted already: what is thrown away needs no way
//! between processes. It ends when its input ends, so it never outlives
//! the program. Each thread that decodes at a time has one of its own; those that are idle wait for the next photo.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError, mpsc};
use std::time::Duration;

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::{DecodeError, DecodeParams, DecodedPhoto, PhotoFormat, decode_here};

/// The hidden command that answers.
pub const DECODE_APART: &str = "decode-apart";

/// A photo that takes longer than that hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// The longest line of JSON that is read, bytes.
const LONGEST_LINE: u64 = 1 << 16;

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
    /// Width and height of the samples that follow, three bytes each.
    samples: [u32; 2],
    scale: f32,
    size: [u32; 2],
    taken_at: Option<String>,
}

type Answer = Result<Picture, DecodeError>;

/// How an exchange ended that brought no answer.
enum Broken {
    /// The process is gone, or talks nonsense.
    Died,
    TookTooLong,
}

/// HEIC and AVIF, apart where that was asked for and can be done.
pub(super) fn decode(bytes: &[u8], format: PhotoFormat, params: &DecodeParams) -> Result<DecodedPhoto, DecodeError> {
    let Some(program) = PROGRAM.get() else { return decode_here(bytes, format, params) };
    let idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    // One that waited may have been ended by somebody: that is no photo's fault.
    if let Some(apart) = idle
        && let Ok(answer) = apart.exchange(bytes, format, params)
    {
        return answer;
    }
    let apart = match Apart::start(program) {
        Ok(apart) => apart,
        Err(error) => {
            log::warn!("no process apart could be started for {format} photos ({error}); they are decoded in this one");
            return decode_here(bytes, format, params);
        }
    };
    match apart.exchange(bytes, format, params) {
        Ok(answer) => answer,
        Err(Broken::Died) => Err(DecodeError::Crashed { format }),
        Err(Broken::TookTooLong) => Err(DecodeError::Endless { format }),
    }
}

/// A process that decodes.
struct Apart {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Apart {
    fn start(program: &PathBuf) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.arg(DECODE_APART).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // Ctrl-C in a terminal is for the program, which then ends in order; the end of its input ends this process.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => Ok(Self { child, input, output: BufReader::new(output) }),
            _ => Err(io::Error::other("it has no pipes")),
        }
    }

    /// Has one photo decoded; afterwards the process waits for the next one, unless the exchange broke.
    fn exchange(
        self,
        bytes: &[u8],
        format: PhotoFormat,
        params: &DecodeParams,
    ) -> Result<Result<DecodedPhoto, DecodeError>, Broken> {
        let Self { mut child, mut input, mut output } = self;
        let asked = Asked { format, params: *params, bytes: bytes.len() as u64 };
        let (done, is_done) = mpsc::channel();
        let answer = std::thread::scope(|scope| {
            let talk = scope.spawn(|| {
                let answer = ask(&mut input, &mut output, &asked, bytes);
                let _ = done.send(());
                answer
            });
            let in_time = is_done.recv_timeout(PATIENCE).is_ok();
            if !in_time {
                // Closes the pipes, so that the thread ends.
                let _ = child.kill();
            }
            match talk.join() {
                Ok(Ok(answer)) => Ok(answer),
                _ if in_time => Err(Broken::Died),
                _ => Err(Broken::TookTooLong),
            }
        });
        if answer.is_ok() {
            IDLE.lock().unwrap_or_else(PoisonError::into_inner).push(Self { child, input, output });
        } else {
            let _ = child.kill();
            let _ = child.wait();
        }
        answer
    }
}

/// `Err` where the other side is gone or gives what is no answer.
fn ask(
    input: &mut impl Write,
    output: &mut impl BufRead,
    asked: &Asked,
    bytes: &[u8],
) -> io::Result<Result<DecodedPhoto, DecodeError>> {
    write_line(input, asked)?;
    input.write_all(bytes)?;
    input.flush()?;
    let picture = match read_line::<Answer>(output)? {
        Some(Ok(picture)) => picture,
        Some(Err(error)) => return Ok(Err(error)),
        None => return Err(io::ErrorKind::UnexpectedEof.into()),
    };
    let [width, height] = picture.samples;
    if u64::from(width) * u64::from(height) > asked.params.max_pixels {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut samples = vec![0; width as usize * height as usize * 3];
    output.read_exact(&mut samples)?;
    let pixels = RgbImage::from_raw(width, height, samples).ok_or(io::ErrorKind::InvalidData)?;
    let Picture { scale, size, taken_at, .. } = picture;
    Ok(Ok(DecodedPhoto { pixels, scale, size, format: asked.format, taken_at }))
}

/// The body of the hidden command: decodes what it is asked for until its input ends.
///
/// # Errors
/// A broken pipe, or a question that is none.
pub fn serve(input: impl Read, output: impl Write) -> io::Result<()> {
    let (mut input, mut output) = (BufReader::new(input), output);
    while let Some(asked) = read_line::<Asked>(&mut input)? {
        let mut bytes = Vec::new();
        (&mut input).take(asked.bytes).read_to_end(&mut bytes)?;
        abort_if_told(&bytes);
        let format = asked.format;
        let decoded = std::panic::catch_unwind(|| decode_here(&bytes, format, &asked.params))
            .unwrap_or(Err(DecodeError::Crashed { format }));
        match decoded {
            Err(error) => write_line(&mut output, &Answer::Err(error))?,
            Ok(DecodedPhoto { pixels, scale, size, taken_at, .. }) => {
                let samples = pixels.dimensions().into();
                write_line(&mut output, &Answer::Ok(Picture { samples, scale, size, taken_at }))?;
                output.write_all(pixels.as_raw())?;
            }
        }
        output.flush()?;
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
    use std::io::Cursor;

    use super::*;

    const DRAWING: &[u8] = include_bytes!("../../../tests/data/drawing.heic");

    fn question(bytes: &[u8], params: DecodeParams) -> Vec<u8> {
        let mut stream = Vec::new();
        write_line(&mut stream, &Asked { format: PhotoFormat::Heic, params, bytes: bytes.len() as u64 }).unwrap();
        stream.extend_from_slice(bytes);
        stream
    }

    #[test]
    fn what_comes_back_is_what_the_decoder_gives_pictures_and_errors() {
        let params = DecodeParams { max_image_side: 40, ..DecodeParams::default() };
        let strict = DecodeParams { max_pixels: 4, ..params };
        let mut stream = question(DRAWING, params);
        stream.extend(question(&DRAWING[..DRAWING.len() / 2], params));
        stream.extend(question(DRAWING, strict));
        let mut answers = Vec::new();
        serve(Cursor::new(stream), &mut answers).unwrap();
        let mut answers = Cursor::new(answers);
        for (bytes, params) in [(DRAWING, params), (&DRAWING[..DRAWING.len() / 2], params), (DRAWING, strict)] {
            let asked = Asked { format: PhotoFormat::Heic, params, bytes: bytes.len() as u64 };
            let apart = ask(&mut io::sink(), &mut answers, &asked, bytes).unwrap();
            match (apart, decode_here(bytes, PhotoFormat::Heic, &params)) {
                (Ok(apart), Ok(here)) => {
                    assert!(apart.pixels == here.pixels);
                    assert_eq!((apart.scale, apart.size, apart.taken_at), (here.scale, here.size, here.taken_at));
                }
                (Err(apart), Err(here)) => assert_eq!(apart.to_string(), here.to_string()),
                _ => panic!("one reads it and the other does not"),
            }
        }
    }

    #[test]
    fn nonsense_and_an_early_end_are_no_answers() {
        let asked = Asked { format: PhotoFormat::Heic, params: DecodeParams::default(), bytes: 0 };
        let said = |answer: &[u8]| ask(&mut io::sink(), &mut Cursor::new(answer), &asked, &[]);
        assert!(said(b"").is_err());
        assert!(said(b"hello\n").is_err());
        let picture = br#"{"Ok":{"samples":[2,1],"scale":1.0,"size":[2,1],"taken_at":null}}"#;
        assert!(said(&[&picture[..], b"\n12345"].concat()).is_err());
        assert!(said(&[&picture[..], b"\n123456"].concat()).unwrap().is_ok());
        let huge = br#"{"Ok":{"samples":[4000000000,4000000000],"scale":1.0,"size":[2,1],"taken_at":null}}"#;
        assert!(said(&[&huge[..], b"\n"].concat()).is_err());
    }
}
