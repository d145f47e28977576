//! Storage that fails for a moment is asked again, a few times and ever later.

use std::time::Duration;

use crate::failure::{Failure, Outcome};

/// Before each further try: 2.6 s in all. `patience.ts` waits as long for metadata.
pub const PAUSES: [Duration; 4] = [
    Duration::from_millis(10),
    Duration::from_millis(90),
    Duration::from_millis(500),
    Duration::from_millis(2000),
];

/// Calls `act` until it works, fails for good, or there is no pause left. `again` is called before
/// each further try.
pub fn patiently<T>(
    pauses: &[Duration],
    mut act: impl FnMut() -> Outcome<T>,
    mut again: impl FnMut(),
) -> Outcome<T> {
    for pause in pauses {
        match act() {
            Err(failure) if failure.is_transient => {}
            outcome => return outcome,
        }
        std::thread::sleep(*pause);
        again();
    }
    act().map_err(|failure| {
        let Failure { message, is_transient, .. } = &failure;
        let message = match is_transient {
            true => format!("{message} (tried {} times)", pauses.len() + 1),
            false => message.clone(),
        };
        Failure { message, ..failure }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Code;

    fn failing(errno: i32, times: usize) -> (Outcome<usize>, usize) {
        let error = std::io::Error::from_raw_os_error(errno);
        let (mut tries, mut again) = (0, 0);
        let act = || {
            tries += 1;
            if tries > times {
                Ok(tries)
            } else {
                Err(Failure::io(Code::ZarrIo, "read", "a", &error))
            }
        };
        let outcome = patiently(&[Duration::ZERO; 4], act, || again += 1);
        (outcome, again)
    }

    #[test]
    fn what_fails_for_a_moment_is_tried_again() {
        for errno in [libc::EIO, libc::ESTALE, libc::EAGAIN, libc::ETIMEDOUT] {
            let (outcome, again) = failing(errno, 4);
            assert_eq!((outcome.ok(), again), (Some(5), 4));
        }
    }

    #[test]
    fn what_goes_on_failing_is_given_up_and_says_how_often() {
        let (outcome, again) = failing(libc::EIO, usize::MAX);
        let message = outcome.map_or_else(|failure| failure.message, |_| String::new());
        assert!(message.ends_with("(tried 5 times)"), "{message}");
        assert_eq!(again, 4);
    }

    #[test]
    fn what_fails_for_good_is_not_tried_again() {
        let (outcome, again) = failing(libc::EACCES, 1);
        assert_eq!((outcome.is_err(), again), (true, 0));
    }
}
