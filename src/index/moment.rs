//! Moments between the steps of work on an index. Nothing happens there, but in tests, which let another thread go first or
//! end the process.

/// Whether somebody decides here who goes on.
#[cfg(not(test))]
#[inline]
pub(crate) fn moment(_name: &'static str) -> bool {
    false
}

#[cfg(test)]
pub(crate) use hooked::{moment, with_hook};

#[cfg(test)]
mod hooked {
    use std::cell::RefCell;
    use std::rc::Rc;

    type Hook = Rc<dyn Fn(&'static str)>;

    thread_local! {
        static HOOK: RefCell<Option<Hook>> = const { RefCell::new(None) };
    }

    pub(crate) fn moment(name: &'static str) -> bool {
        let hook = HOOK.with_borrow(Clone::clone);
        hook.map(|hook| hook(name)).is_some()
    }

    /// Runs `work` with this thread's moments told to `hook`.
    pub(crate) fn with_hook<T>(hook: impl Fn(&'static str) + 'static, work: impl FnOnce() -> T) -> T {
        HOOK.set(Some(Rc::new(hook)));
        let done = work();
        HOOK.set(None);
        done
    }
}
