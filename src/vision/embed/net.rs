use tch::Tensor;

/// The layers of a network. Input N×3×height×width (channels last in memory), output N×d, not yet normalised.
pub(super) trait Net: Send + Sync {
    fn forward(&self, input: &Tensor) -> Result<Tensor, tch::TchError>;

    /// N×d's d, where it is known without running.
    fn d(&self) -> Option<usize>;
}
