use crate::app::FaceView;
use crate::ui::Cx;

/// The probe's face that is searched.
pub fn chosen_face<'s>(cx: &Cx<'s>) -> Option<&'s FaceView> {
    let search = &cx.state.search;
    search.probe.ready()?.faces.get(search.chosen)
}
