//! Files as this program writes them: whole or not at all, their owner's alone, and gone where they were for a while only.

mod deleted;
mod part;
mod rights;
mod synced;

pub use deleted::DeletedOnDrop;
pub use part::{Part, put_in_place, write_whole};
pub use rights::{keep_files_private, share_as_the_session_says, write_export};
pub use synced::{folder_of, sync_file, sync_folder, write_synced};
