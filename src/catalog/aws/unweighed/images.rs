//! The images that programs come from: of another repository the program is somebody else's, of another tag it is the next edition.
//!
//! Comes in: a resource that runs images. Goes out: each without its tag or digest.

use crate::catalog::names::{canonical, without_tag};
use crate::catalog::paths;
use crate::catalog::unweighed::Collector;
use crate::model::resource::Resource;
use crate::model::unweighed::Kind;

/// Where types name images, in the order of the types.
const IMAGES: [(&str, &str); 7] = [
    ("AWS::AppRunner::Service", "SourceConfiguration.ImageRepository.ImageIdentifier"),
    ("AWS::Batch::JobDefinition", "ContainerProperties.Image"),
    ("AWS::CodeBuild::Project", "Environment.Image"),
    ("AWS::ECS::TaskDefinition", "ContainerDefinitions[].Image"),
    ("AWS::Lambda::Function", "Code.ImageUri"),
    ("AWS::SageMaker::Model", "Containers[].Image"),
    ("AWS::SageMaker::Model", "PrimaryContainer.Image"),
];

pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>) {
    for (_, path) in IMAGES.iter().filter(|(kind, _)| *kind == resource.kind) {
        for image in paths::find(&resource.properties, path) {
            // What only the deployment knows is another edition as often as another repository.
            let Some(text) = canonical(&image).filter(|text| !without_tag(text).contains("${")) else { continue };
            collector.add_text(resource, (Kind::Value, path), without_tag(&text), image.span);
        }
    }
}
