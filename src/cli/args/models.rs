use std::path::PathBuf;

use clap::Subcommand;

use super::{parse_precision, parse_score, parse_three};
use crate::vision::manifest::Precision;

#[derive(Debug, Subcommand)]
pub enum ModelsAction {
    /// List the models with their licence and threshold
    List,
    /// Check the weights of a model, or of all: digest, loading, a trial run
    Verify {
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
    /// Add a model from a weights file: ONNX (.onnx), TorchScript (.pt), dlib (.dat), or the tensors
    /// (.safetensors, .pth) of an IR-ResNet-50, a ResNet-50, a MobileFaceNet or dlib's network, with a feature pyramid or without
    ///
    /// It is tried before it is taken over: finite vectors, the same for a picture alone and among others, and two
    /// views of one drawn face nearer to each other than to another. Weights in files beside an ONNX file come along.
    Import(ImportArgs),
    /// Make a model the one in use, now and in the window
    ///
    /// First every face that it has not seen is embedded by it, from the photos; the model in use stays until all is
    /// done, and so does what it made. Cut short, the same command goes on where it stopped. Where a photo is gone, the
    /// face's stored picture is used and the photo listed.
    Use {
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Delete an imported model, with its embeddings and its index
    Remove(RemoveArgs),
    /// Measure how many faces a model, or each, embeds in a second on this machine; about ten seconds each
    Speed {
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
pub struct RemoveArgs {
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Keep the model and delete only the embeddings by it and their index
    #[arg(long)]
    pub embeddings_only: bool,
}

#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Name to use it by [default: the file's name]
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
    /// Licence of the weights, as their owner states it
    #[arg(long)]
    pub licence: Option<String>,
    /// Cosine similarity from which two faces are taken for one person [default: 0.25; measure it with `eval lfw`]
    #[arg(long, allow_negative_numbers = true, value_parser = parse_score)]
    pub threshold: Option<f32>,
    /// Numbers to keep the weights in and to compute with: fp32, or bf16 for half the memory; not for ONNX and
    /// TorchScript [default: fp32]
    #[arg(long, value_parser = parse_precision)]
    pub precision: Option<Precision>,
    /// The network expects BGR instead of RGB
    #[arg(long)]
    pub bgr: bool,
    /// Run the program that a TorchScript file is: with your rights, and only to be said of files from where you trust
    #[arg(long)]
    pub run_code: bool,
    /// Mean taken from each channel, 0…255 [default: 127.5 each; ONNX: by its first layers]
    #[arg(long, value_name = "C,C,C", value_parser = parse_three)]
    pub mean: Option<[f32; 3]>,
    /// What each channel is then divided by [default: 127.5 each; ONNX: by its first layers]
    #[arg(long, value_name = "C,C,C", value_parser = parse_three)]
    pub std: Option<[f32; 3]>,
}
